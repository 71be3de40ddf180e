"""The board of a description: shapes, and the operators that shift, merge, cut and join them."""

import math

from ..engine import Diagnostic, DiagnosticKind
from .checker import Term


class Refusal(Exception):
    """The description is well typed but cannot be played; carries the diagnostic."""

    def __init__(self, diagnostic: Diagnostic):
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


def refuse(term: Term, message: str, kind: DiagnosticKind = "semantic") -> Refusal:
    """Return the exception that blames a term."""
    return Refusal(Diagnostic(kind, message, term.node.start, term.node.end))


def number(term: Term) -> float:
    """Return the value of an expression of constants.

    Raises:
        Refusal: when it depends on the state of play, or is not finite.
    """
    if term.form is None:
        return float(term.literal)
    labels = [k for k in ("first", "second", "int") if isinstance(term.args.get(k), Term)]
    values = [number(need(term, k)) for k in labels] if term.key in "+-*/%^" else []
    if term.key == "+" and len(values) == 2:
        return values[0] + values[1]
    if term.key == "-" and values:
        return values[0] - values[1] if len(values) == 2 else -values[0]
    if term.key == "*" and len(values) == 2:
        return values[0] * values[1]
    if term.key == "/" and len(values) == 2 and values[1]:
        return values[0] / values[1]
    if term.key == "%" and len(values) == 2 and values[1]:
        return math.fmod(values[0], values[1])
    if term.key == "^" and len(values) == 2 and abs(values[0]) <= 1000 and 0 <= values[1] <= 16:
        return values[0] ** values[1]
    raise refuse(term, "a board is made of constant numbers")


def argument(term: Term, label: str) -> Term | None:
    """Return an argument that is one term."""
    value = term.args.get(label)
    return value if isinstance(value, Term) else None


def need(term: Term, label: str) -> Term:
    """Return an argument that the form makes sure of."""
    value = term.args[label]
    assert isinstance(value, Term)
    return value


def listed(term: Term, label: str) -> list[Term]:
    """Return the terms of an argument that is one term, a list or missing."""
    value = term.args.get(label)
    if value is None:
        return []
    return [v for v in value if isinstance(v, Term)] if isinstance(value, tuple) else [value]


def word(term: Term, label: str, default: str = "") -> str:
    """Return the word, string or number given for an argument."""
    found = argument(term, label)
    return default if found is None or found.form is not None else str(found.literal)
