"""The grammar of arithmetic solutions: what makes `5 + 3 + 10 =` a well-formed solution, right or wrong.

Each statement that follows has one operator less than the one before it, and the last one is a number.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from formalrl.rewards.expressions import parse_statement


@dataclass(frozen=True, slots=True)
class Place:
    """Where a solution stands: at a word, which is a number or the sign before one."""

    operators: int
    """Operators of this statement that are still to be written."""
    statements: int
    """Statements that follow this one."""
    is_number: bool
    """Whether the word is a number."""
    written: str = ""
    """What is written of the word."""


class ArithmeticGrammar:
    """Solutions of one spacing.

    Args:
        spell: the least number of tokens that a text can be written with.
        operators: signs that may stand between numbers.
        max_digits: of a number.
        blank: what stands before each word, a blank or nothing.
    """

    def __init__(self, spell: Callable[[str], int], operators: str, max_digits: int, blank: str) -> None:
        self._number_cost = spell(f"{blank}0")
        self._sign_cost = max(spell(f"{blank}{sign}") for sign in f"{operators}=")
        self._spell = spell
        self._operators, self._blank = operators, blank
        sign = "-?" if "-" in operators else ""
        number = rf"0|[1-9][0-9]{{0,{max_digits - 1}}}"
        self._begun = re.compile(f"{blank}{sign}(?:{number})?")
        self._number = re.compile(f"{blank}{sign}(?:{number})")

    def start(self, prompt: Any) -> Place:
        """Return the place after the last `=` of a prompt; one number is asked for where a prompt is no expression."""
        first, *others = str(prompt).split("=")
        parsed = parse_statement(first, self._operators)
        left = max(0, parsed.num_operators - len(others)) if parsed else 0
        return Place(left, left, True)

    def advance(self, state: Place, character: str) -> Place | None:
        """Return the place after one more character; None when no solution goes on with it."""
        written = state.written + character
        if state.is_number:
            if written == self._blank or self._begun.fullmatch(written):
                return replace(state, written=written)
            ended = self._number.fullmatch(state.written) and (state.operators or state.statements)
            return self.advance(replace(state, is_number=False, written=""), character) if ended else None
        if written == self._blank:
            return replace(state, written=written)
        sign = written.removeprefix(self._blank)
        if state.operators:
            after = replace(state, operators=state.operators - 1, is_number=True, written="")
            return after if sign in self._operators else None
        return Place(state.statements - 1, state.statements - 1, True) if sign == "=" else None

    def remaining(self, state: Place) -> int:
        """Return how many tokens are enough to complete the solution; 0 when it is complete."""
        numbers = state.operators + sum(n + 1 for n in range(state.statements))
        rest = numbers * (self._number_cost + self._sign_cost)
        if not state.is_number or self._number.fullmatch(state.written):
            return rest
        return rest + (self._spell("0") if state.written else self._number_cost)
