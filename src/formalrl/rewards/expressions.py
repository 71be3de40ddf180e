"""The bounded grammar of arithmetic statements: a hand-written scanner of what a policy wrote. Standard library.

    statement = operand { operator operand }      operator = one of the language's own: "+", "-", "*"
    operand   = [ "-" ] number                    number   = "0" | digit 1-9 { digit }, at most MAX_DIGITS digits

Digits are the ASCII ones. Blanks (space, tab, newline) may stand between tokens, not inside a number and not between a
sign and its number. Nothing else is in the language: no brackets, no `**`, no leading zeros, no decimals.
The cost is linear in the text and no text makes it raise.
"""

from dataclasses import dataclass
from functools import lru_cache

MAX_DIGITS = 9
"""A longer number does not parse."""
MAX_MAGNITUDE = 10**12
"""A statement with a partial result beyond this does not parse."""
MAX_TEXT = 16_384
"""Characters of a solution that are read; the rest is cut off."""

_SHORT = 64

_BLANKS = frozenset(" \t\r\n")
_DIGITS = frozenset("0123456789")
_NONZERO = frozenset("123456789")


@dataclass(frozen=True)
class Statement:
    """One side of an `=`. Example: `5 + 13 + 2` is `Statement(value=20, num_operators=2)`."""

    value: int
    num_operators: int
    """Operators between operands; a sign is none."""


def parse_statement(text: str, operators: str = "+-*") -> Statement | None:
    """Return what `text` says, or None when it is no statement over `operators`.

    `*` binds closer than `+` and `-`, which are taken from left to right. Short texts are read once: the completions of
    a prompt share nearly all of their statements.
    """
    return _parse_short(text, operators) if len(text) <= _SHORT else _parse(text, operators)


def _parse(text: str, operators: str) -> Statement | None:
    total, product, num_operators, pending = 0, None, 0, "+"
    position, end = 0, len(text)
    while True:
        number, position = _operand(text, _skip_blanks(text, position))
        if number is None:
            return None
        if pending == "*" and product is not None:
            product *= number
        else:
            total, product = total + (product or 0), -number if pending == "-" else number
        if abs(product) > MAX_MAGNITUDE or abs(total) > MAX_MAGNITUDE:
            return None
        position = _skip_blanks(text, position)
        if position == end:
            value = total + product
            return Statement(value, num_operators) if abs(value) <= MAX_MAGNITUDE else None
        pending = text[position]
        if pending not in operators:
            return None
        num_operators += 1
        position += 1


def parse_number(text: str) -> int | None:
    """Return the value of a text that is a single number, blanks around it allowed, or None."""
    statement = parse_statement(text[:MAX_TEXT], operators="")
    return None if statement is None else statement.value


@lru_cache(maxsize=65_536)
def _parse_short(text: str, operators: str) -> Statement | None:
    return _parse(text, operators)


def _skip_blanks(text: str, position: int) -> int:
    while position < len(text) and text[position] in _BLANKS:
        position += 1
    return position


def _operand(text: str, position: int) -> tuple[int | None, int]:
    """The signed number at `position` and where it ends; None when there is none."""
    first = position + text.startswith("-", position)
    last, limit = first, min(len(text), first + MAX_DIGITS + 1)
    while last < limit and text[last] in _DIGITS:
        last += 1
    num_digits = last - first
    if not 0 < num_digits <= MAX_DIGITS or (num_digits > 1 and text[first] not in _NONZERO):
        return None, position
    return int(text[position:last]), last
