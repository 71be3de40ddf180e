"""The operations that program specifications are made of: words, Python, and what it does. A table."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["int", "list", "str"]


@dataclass(frozen=True)
class Operation:
    """One step of a program. `{k}` in words and code is the constant, `x` in the code the value so far."""

    takes: Kind
    gives: Kind
    words: str
    code: str
    function: Callable[[Any, Any], Any]
    """(value, constant) -> value."""
    constants: tuple[Any, ...] = (None,)


_SMALL, _FACTORS, _LETTERS = tuple(range(1, 21)), tuple(range(2, 10)), tuple("aeist")

OPERATIONS = (
    Operation("int", "int", "add {k}", "x + {k}", lambda x, k: x + k, _SMALL),
    Operation("int", "int", "subtract {k}", "x - {k}", lambda x, k: x - k, _SMALL),
    Operation("int", "int", "multiply by {k}", "x * {k}", lambda x, k: x * k, _FACTORS),
    Operation("int", "int", "divide by {k} and round down", "x // {k}", lambda x, k: x // k, _FACTORS),
    Operation("int", "int", "take the remainder by {k}", "x % {k}", lambda x, k: x % k, (3, 4, 5, 6, 7, 8, 9)),
    Operation("int", "int", "square", "x * x", lambda x, k: x * x),
    Operation("int", "int", "negate", "-x", lambda x, k: -x),
    Operation("int", "int", "make positive", "abs(x)", lambda x, k: abs(x)),
    Operation("int", "int", "raise to at least {k}", "max(x, {k})", lambda x, k: max(x, k), (0, 1, 2, 3, 4, 5)),
    Operation("int", "int", "lower to at most {k}", "min(x, {k})", lambda x, k: min(x, k), tuple(range(5, 15))),
    Operation("list", "list", "add {k} to each", "[v + {k} for v in x]", lambda x, k: [v + k for v in x], _SMALL),
    Operation(
        "list", "list", "multiply each by {k}", "[v * {k} for v in x]", lambda x, k: [v * k for v in x], _FACTORS
    ),
    Operation(
        "list", "list", "keep the even ones", "[v for v in x if v % 2 == 0]", lambda x, k: [v for v in x if v % 2 == 0]
    ),
    Operation(
        "list", "list", "keep the odd ones", "[v for v in x if v % 2 == 1]", lambda x, k: [v for v in x if v % 2 == 1]
    ),
    Operation(
        "list",
        "list",
        "keep those above {k}",
        "[v for v in x if v > {k}]",
        lambda x, k: [v for v in x if v > k],
        tuple(range(-3, 6)),
    ),
    Operation("list", "list", "sort", "sorted(x)", lambda x, k: sorted(x)),
    Operation("list", "list", "reverse", "x[::-1]", lambda x, k: x[::-1]),
    Operation("list", "list", "drop the first {k}", "x[{k}:]", lambda x, k: x[k:], (1, 2, 3)),
    Operation("list", "list", "keep the first {k}", "x[:{k}]", lambda x, k: x[:k], (1, 2, 3, 4)),
    Operation("list", "list", "drop repeated ones", "list(dict.fromkeys(x))", lambda x, k: list(dict.fromkeys(x))),
    Operation("list", "int", "sum", "sum(x)", lambda x, k: sum(x)),
    Operation("list", "int", "count", "len(x)", lambda x, k: len(x)),
    Operation("list", "int", "take the largest or 0", "max(x, default=0)", lambda x, k: max(x, default=0)),
    Operation("list", "int", "take the smallest or 0", "min(x, default=0)", lambda x, k: min(x, default=0)),
    Operation("str", "str", "reverse", "x[::-1]", lambda x, k: x[::-1]),
    Operation("str", "str", "write in capitals", "x.upper()", lambda x, k: x.upper()),
    Operation("str", "str", "repeat {k} times", "x * {k}", lambda x, k: x * k, (2, 3, 4)),
    Operation("str", "str", "drop the first {k}", "x[{k}:]", lambda x, k: x[k:], (1, 2, 3)),
    Operation("str", "str", "keep the first {k}", "x[:{k}]", lambda x, k: x[:k], (1, 2, 3, 4)),
    Operation("str", "str", "delete each {k}", "x.replace('{k}', '')", lambda x, k: x.replace(k, ""), _LETTERS),
    Operation("str", "str", "put {k} in front", "'{k}' + x", lambda x, k: k + x, _LETTERS),
    Operation("str", "str", "put {k} at the end", "x + '{k}'", lambda x, k: x + k, _LETTERS),
    Operation("str", "int", "count", "len(x)", lambda x, k: len(x)),
    Operation("str", "int", "count each {k}", "x.count('{k}')", lambda x, k: x.count(k), _LETTERS),
    Operation("str", "list", "split at blanks", "x.split()", lambda x, k: x.split()),
    Operation("int", "str", "write as text", "str(x)", lambda x, k: str(x)),
    Operation(
        "int", "list", "list its digits", "[int(d) for d in str(abs(x))]", lambda x, k: [int(d) for d in str(abs(x))]
    ),
)
"""Every operation. `split at blanks` gives words, after which no operation on numbers may follow: it comes last."""

ENDS = ("split at blanks",)
"""Words of operations that can only be the last."""

KIND_WORDS = {"int": "an integer", "list": "a list of integers", "str": "a string"}
"""How a specification names the kind of its input."""
