import pytest

from formalrl.games.embedded.checker import check
from formalrl.games.embedded.compile import compile_game
from formalrl.games.embedded.reader import read
from formalrl.games.engine import Diagnostics, Limits
from formalrl.games.library import games


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("(square 3)", "(square 500)", "limit"),
        ("(square 3)", "(hex 200)", "limit"),
        ("(is Line 3)", "(not " * 150 + "(is Line 3)" + ")" * 150, "limit"),
        ("(players 2)", "(players 3)", "unsupported"),
        ('(piece "Cross" P2)', '(piece "Disc" P1)', "semantic"),
        ("(is Line 3)", '(is In (last To) (sites "Nowhere"))', "semantic"),
        ("(is Line 3)", "(is In (last To) (sites))", "semantic"),
        (
            "(sites Empty))",
            "(sites Empty)) (then (intervene (from (sites Board)) (to (apply (remove (to))))))",
            "semantic",
        ),
        ("Win", "\0", "syntax"),
        ("(sites Empty)", "(banana split)", "unknown"),
    ],
)
def test_faults_are_booked_under_their_kind(line_text, old, new, kind):
    found = compile_game(line_text.replace(old, new), Limits())
    assert isinstance(found, Diagnostics)
    assert found.items[0].kind == kind


def spans(node):
    yield node.start, node.end
    for item in node.items:
        yield from spans(item)


@pytest.mark.parametrize("name", ["Row of Stones", "Frog War", "Seed Thieves", "Court Intrigue", "Mill Wheel"])
def test_nonsense_in_any_place_is_refused(name):
    text = games()[name].text
    places = sorted(set(spans(read(text, Limits()))))
    for start, end in places[:: max(1, len(places) // 40)]:
        found = compile_game(text[:start] + "(banana split)" + text[end:], Limits())
        assert isinstance(found, Diagnostics), text[start:end]


@pytest.mark.parametrize("name", ["Pincers", "Moat", "Royal Guard"])
def test_every_prefix_and_deletion_is_answered(name):
    text = games()[name].text
    for end in range(0, len(text), 29):
        assert isinstance(compile_game(text[:end], Limits()), Diagnostics)
        compile_game(text[:end] + text[end + 7 :], Limits())


def test_checked_terms_keep_every_argument():
    for game in list(games().values())[::9]:
        assert check(read(game.text, Limits())) is not None
