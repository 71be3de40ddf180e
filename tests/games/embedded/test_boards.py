import pytest

from formalrl.games.embedded.boards import Refusal, number
from formalrl.games.embedded.checker import Term, check
from formalrl.games.embedded.reader import read
from formalrl.games.engine import Limits


def term(text: str) -> Term:
    found = check(read(text, Limits()), "int")
    assert isinstance(found, Term)
    return found


def test_numbers_of_boards_are_worked_out():
    assert number(term("(/ (- 7 3) 2)")) == 2
    assert number(term("(^ 3 2)")) == 9


@pytest.mark.parametrize("text", ["(/ 1 0)", "(count Moves)", "(^ 9 99)"])
def test_other_numbers_are_refused(text):
    with pytest.raises(Refusal):
        number(term(text))
