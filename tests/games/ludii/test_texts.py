import pytest

from formalrl.games.engine import Limits
from formalrl.games.ludii.texts import complaints, crossing, refusals

LIMITS = Limits(max_chars=400, max_depth=10, max_nodes=50)


@pytest.mark.parametrize(
    ("text", "blamed"),
    [
        ('(define "a" (b))', "(define"),
        ("(game (metadata x))", "(metadata"),
        ('( match "a")', "( match"),
        ('(option "x")', "(option"),
        ("(board (square <size>))", "<"),
        ("(place [1 | 2])", "["),
        ("(a b>c)", ">"),
        ("(a (<b> 1))", "<"),
    ],
)
def test_live_syntax_is_refused_where_it_stands(text, blamed):
    found = refusals(text, LIMITS)
    assert found and found[0].kind == "syntax" and text[found[0].start : found[0].end] == blamed
    assert refusals(text, LIMITS, live=False) == ()


@pytest.mark.parametrize("text", ["(if (< 1 2) (>= 3 (matchScore P1)))", "(<= 1 2)", "(optional x)", "(> (a) (b))"])
def test_comparisons_and_longer_words_are_no_live_syntax(text):
    assert refusals(text, LIMITS) == ()


@pytest.mark.parametrize("text", ["x" * 401, "(" * 11, "a " * 51, "{" * 11])
def test_sizes_over_the_limits_are_refused_whatever_else_is_allowed(text):
    assert [d.kind for d in refusals(text, LIMITS)] == ["limit"]
    assert [d.kind for d in refusals(text, LIMITS, live=False)] == ["limit"]


def test_half_a_character_is_refused():
    assert refusals("(game \ud800)", LIMITS)[0].start == 6


@pytest.mark.parametrize(
    ("message", "kind", "blamed"),
    [
        ("Couldn't find token 'Lin'.", "unknown", "Lin"),
        ("Couldn't find ludeme class for token 'is'.", "unknown", "is"),
        ("Unexpected syntax '(sites   Empty)' in '(to...'.", "argument", "(sites\n Empty)"),
        ("Couldn't close clause '(game \"T (...'.", "syntax", None),
        ("Could not match string 'T'. Misspelt define or item?", "unknown", "T"),
        ("Error: Stack overflow during game creation.", "limit", None),
        ("<html><h2>The game could not be compiled</h2><br/><p>(game&nbsp;x)</p></html>", "semantic", None),
    ],
)
def test_what_ludii_says_gets_a_kind_and_a_place(message, kind, blamed):
    text = '(game "T" (this Line) (is Lin 3) (to (sites\n Empty)))'
    (found,) = complaints([message], text)
    assert found.kind == kind and "<" not in found.message and "\n" not in found.message
    assert text[found.start : found.end] == (text if blamed is None else blamed)


def test_vague_lines_are_left_out_beside_sharp_ones_and_something_is_always_said():
    said = complaints(["Couldn't find token 'x'.\nWarning: y", "Expander can't tokenise the game description."], "x")
    assert [d.message for d in said] == ["Couldn't find token 'x'."]
    assert len(complaints(["Expander can't tokenise the game description."], "x")) == 1
    assert len(complaints([], "x")) == 1


def test_what_java_would_take_apart_is_replaced_one_for_one():
    assert crossing('(game "\u00e9\u4e2d" \0 \ud800 \U0001f600)') == '(game "\u00e9\u4e2d" \ufffd \ufffd \ufffd)'
