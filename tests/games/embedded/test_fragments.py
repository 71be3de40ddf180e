"""The types that a place asks for: those of which a call there makes a game, and no others."""

import pytest

from formalrl.games.embedded.checker import Term, check
from formalrl.games.embedded.fragments import checked_calls, types_that_fit
from formalrl.games.embedded.reader import read
from formalrl.games.engine import DEFAULT_LIMITS

WITNESSES = {"moves": "(pass)", "bool": "(is Full)", "int": "(mover)", "region": "(sites Empty)", "to": "(to (sites))"}
"""Calls of one type each."""


def types_at(text, part):
    before, _, after = text.partition(part)
    root = read(f"{before}(hole){after}", DEFAULT_LIMITS)
    return types_that_fit(root, len(before))


@pytest.mark.parametrize(
    "part", ["(move Add (to (sites Empty)))", "(to (sites Empty))", "(sites Empty)", "(is Line 3)"]
)
def test_a_call_fits_where_the_checker_takes_one_of_its_types(line_text, part):
    found = types_at(line_text, part)
    assert found
    for type_name, witness in WITNESSES.items():
        accepted = isinstance(check(read(line_text.replace(part, witness), DEFAULT_LIMITS)), Term)
        assert accepted == (type_name in found), (type_name, found)


def test_places_without_a_call(line_text):
    assert types_at(line_text, line_text) == {"game"}
    root = read(line_text, DEFAULT_LIMITS)
    assert types_that_fit(root, line_text.index("Win")) == types_that_fit(root, len(line_text) + 5) == frozenset()


def test_the_share_of_calls_that_are_of_some_type():
    text = "(or (is Full) (is Empty (sites Banana)))"
    assert checked_calls(read(text, DEFAULT_LIMITS), len(text)) == (1, 4)
    assert checked_calls(read("(is Full)", DEFAULT_LIMITS), 3) == (0, 1)
