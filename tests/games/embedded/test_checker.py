import pytest

from formalrl.games.embedded.checker import Term, check
from formalrl.games.embedded.fragments import checked_calls
from formalrl.games.embedded.reader import read
from formalrl.games.engine import Limits


def outcome(text: str, type_name: str = "bool"):
    return check(read(text, Limits()), type_name)


def test_arguments_find_their_parameters():
    term = outcome("(is Line 4 Orthogonal exact:True)")
    assert isinstance(term, Term)
    assert set(term.args) == {"length", "Absolute", "exact"}


@pytest.mark.parametrize(
    ("text", "kind", "blamed"),
    [
        ("(is Line 4 (banana split))", "unknown", "(banana split)"),
        ("(is Line 4 4)", "type", "4"),
        ("(is Line)", "argument", "(is Line)"),
        ("(is Line 4 exact:7)", "type", "7"),
        ("(is Lime 4)", "unknown", "Lime"),
        ("(is Tree 4)", "unsupported", "Tree"),
        ("(not (sites Empty))", "type", "(sites Empty)"),
        ("(is In (sites Mover) (sites Top))", "argument", "(sites Top)"),
        ("(is In (if (is Full) (sites Mover) (sites Next)) (sites Top))", "type", "(sites Mover)"),
        ("(is In {(sites Mover)} (sites Top))", "type", "(sites Mover)"),
        ("(all Sites (sites 3) if:(is Full))", "type", "3"),
        ("(all Sites (sites Around (to) (directions Forward)) if:(is Full))", "type", "(directions Forward)"),
        ("(all Sites (sites Occupied by:3) if:(is Full))", "type", "3"),
        ("(is Line 4 exactly:True)", "argument", "True"),
        ("(and (is Full) (roll))", "unsupported", "(roll)"),
        ("(= 1 Moverr)", "unknown", "Moverr"),
    ],
)
def test_what_has_no_place_is_blamed(text, kind, blamed):
    found = outcome(text)
    assert not isinstance(found, Term)
    assert (found.kind, text[found.start : found.end]) == (kind, blamed)


@pytest.mark.parametrize(
    ("text", "type_name"),
    [
        ("(rules (play (pass)))", "rules"),
        ("(players {(player) (player S)})", "players"),
        ("(apply)", "apply"),
        ("(to (apply (pass)) if:(is Full))", "to"),
        ("(score (mover))", "int"),
        ('(place "Man1" {"A1"} count:2)', "startrule"),
    ],
)
def test_what_the_full_language_refuses_is_refused(text, type_name):
    assert not isinstance(outcome(text, type_name), Term)


def test_calls_are_counted_one_by_one_and_those_beyond_the_end_are_wrong():
    node = read("(is Banana (sites Empty) (to))", Limits())
    assert checked_calls(node, 100) == (2, 3)
    assert checked_calls(node, 24) == (1, 3)
