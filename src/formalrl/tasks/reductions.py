"""Step-by-step solutions of arithmetic expressions: each step replaces one adjacent pair by its value.

An expression is a text without spaces, `5+3*10-2`, of numbers >= 0. A pair may be reduced when that keeps the value: a
product always, a sum or difference only next to no `*` and after no `-`. So `9-2+3` becomes `7+3`, never `9-5`.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

_TOKEN = re.compile(r"\d+|[+*-]")


@dataclass(frozen=True)
class Operands:
    """An expression as numbers and the operators between them; a reduced one may hold negative numbers."""

    numbers: tuple[int, ...]
    operators: str

    def text(self, space: str) -> str:
        """Return the expression with `space` between its tokens."""
        pairs = zip(self.operators, self.numbers[1:], strict=True)
        return str(self.numbers[0]) + "".join(f"{space}{operator}{space}{number}" for operator, number in pairs)

    def reducible(self) -> list[int]:
        """Return the positions of the operators that can be carried out next without changing the value."""
        operators = self.operators
        return [
            i
            for i, operator in enumerate(operators)
            if operator == "*" or (operators[i + 1 : i + 2] != "*" and (i == 0 or operators[i - 1] == "+"))
        ]

    def reduce(self, position: int) -> "Operands":
        """Return the expression after carrying out the operator at `position`."""
        left, right = self.numbers[position : position + 2]
        result = {"+": left + right, "-": left - right, "*": left * right}[self.operators[position]]
        return Operands(
            (*self.numbers[:position], result, *self.numbers[position + 2 :]),
            self.operators[:position] + self.operators[position + 1 :],
        )


def split(expression: str) -> Operands:
    """Return the numbers and operators of an expression."""
    tokens = _TOKEN.findall(expression)
    return Operands(tuple(map(int, tokens[::2])), "".join(tokens[1::2]))


def solve(expression: str, seed: int) -> list[Operands]:
    """Return the expression and what each step leaves, down to a single number.

    Each step takes one of the reducible pairs, equally likely; which one is fixed by `expression` and `seed` alone.
    """
    current = split(expression)
    steps = [current]
    noise = int.from_bytes(hashlib.blake2b(f"{seed}:{expression}".encode()).digest(), "big")
    while current.operators:
        choices = current.reducible()
        noise, choice = divmod(noise, len(choices))
        current = current.reduce(choices[choice])
        steps.append(current)
    return steps


def value_of(expression: str) -> int:
    """Return the value of an expression."""
    if "-" not in expression and "*" not in expression:
        return sum(map(int, expression.split("+")))
    return sum(sign * _product(term) for sign, term in _signed_terms(split(expression)))


def is_within(expression: str, max_value: int) -> bool:
    """Return whether every number that any order of reductions can produce has an absolute value below `max_value`."""
    if "-" not in expression and "*" not in expression:
        return value_of(expression) < max_value
    terms = _signed_terms(split(expression))
    if any(_largest_run(term, max_value) >= max_value for _, term in terms):
        return False
    values = [(sign, _product(term)) for sign, term in terms]
    for start, (sign, total) in enumerate(values):
        if start and sign < 0:
            continue
        for next_sign, value in values[start + 1 :]:
            total += next_sign * value
            if abs(total) >= max_value:
                return False
    return True


def _signed_terms(operands: Operands) -> list[tuple[int, list[int]]]:
    """The terms of the sum: the sign of each and its factors."""
    terms = [(1, [operands.numbers[0]])]
    for operator, number in zip(operands.operators, operands.numbers[1:], strict=True):
        if operator == "*":
            terms[-1][1].append(number)
        else:
            terms.append((1 if operator == "+" else -1, [number]))
    return terms


def _product(factors: Sequence[int]) -> int:
    result = 1
    for factor in factors:
        result *= factor
    return result


def _largest_run(factors: Sequence[int], enough: int) -> int:
    """The largest product of neighboring factors, or any one that reaches `enough`."""
    largest = 0
    for start in range(len(factors)):
        product = 1
        for factor in factors[start:]:
            product *= factor
            largest = max(largest, product)
            if product == 0 or largest >= enough:
                break
    return largest
