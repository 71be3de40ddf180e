"""What may stand next: by hand, and as the checker has it."""

import pytest

from formalrl.games.embedded.expected import CALLS, PARTS, RAW, accepted, opened, result_types
from formalrl.games.embedded.signatures import FORMS, Param


def form(line):
    return next(n for n, one in enumerate(FORMS) if one.line == line)


def call(types, *words):
    """Return what is open after `(head word...`."""
    found = opened("head", frozenset(types)).headed(words[0])
    for word in words[1:]:
        found = found.after_word(word)
    return found


def test_a_head_leaves_the_forms_of_the_types_asked_for():
    assert call({"bool"}, "if").closed() == frozenset()
    assert {FORMS[n].result for n, _ in call({"bool", "moves"}, "if").live} == {"bool", "moves"}
    assert opened("head", frozenset({"play"})).heads() == {"play"}
    assert call({"play"}, "pass").live == frozenset()


def test_keywords_words_and_labels_lead_on():
    move = call({"moves"}, "move")
    assert {"Add", "Step", "Hop", "Slide"} <= move.words() and move.labels() == set()
    step = move.after_word("Step")
    assert "Forwards" in step.words() and step.wanted >= {"from", "to", "Direction", "directions"}
    assert step.closed() == frozenset()
    done = step.after(frozenset({"to"}))
    assert done.closed() == {"moves"} and done.wanted == {"then"}
    assert call({"to"}, "to").labels() == {"level", "if"}
    named = call({"to"}, "to").named("if")
    assert named.wanted == {"bool"} and named.glued and named.closed() == frozenset() and named.labels() == set()
    assert call({"to"}, "to").named("level").after(frozenset({"int"})).labels() == {"if"}


def test_a_word_may_be_a_keyword_and_an_argument():
    both = call({"region"}, "sites", "P1")
    assert {FORMS[n].key for n, _ in both.live} == {"sites P1", "sites"}


def test_whole_numbers_are_numbers():
    assert result_types(form("(from)")) == {"int", "real"}
    assert call({"real"}, "from").closed() == {"int", "real"}


def test_lists_hold_elements_of_one_type():
    sites = call({"region"}, "sites")
    assert {"{int}", "{string}"} <= sites.wanted
    inside = opened("list", frozenset({"int", "string"}), empty=True)
    assert inside.glued and inside.closed() == frozenset()
    numbers = inside.after(frozenset({"int", "real"}))
    assert numbers.wanted == {"int"} and numbers.closed() == {"{int}"} and not numbers.glued
    assert sites.after(numbers.closed()).closed() == {"region"}


def test_points_and_walks_are_lists_of_their_own():
    point = opened("raw", frozenset({"point"}), empty=True)
    assert point.wanted == {"real", "point"}
    assert point.after(frozenset({"int", "real"})).closed() == {"point"}
    assert opened("raw", frozenset({"point", "walk"}), empty=True).after(frozenset({"Walk"})).closed() == {"walk"}


@pytest.mark.parametrize("number", range(len(FORMS)))
def test_every_form_closes_after_all_of_its_parts(number):
    here = opened("head", frozenset({FORMS[number].result})).headed(FORMS[number].head)
    for part in PARTS[number]:
        if isinstance(part, str):
            assert part in here.words()
            here = here.after_word(part)
            continue
        assert isinstance(part, Param)
        if part.named:
            assert part.label in here.labels()
            here = here.named(part.label)
        assert accepted(part) <= here.wanted
        here = here.after(frozenset([min(accepted(part))]))
    assert FORMS[number].result in here.closed()
    assert FORMS[number].result in CALLS and RAW.keys().isdisjoint(CALLS)
