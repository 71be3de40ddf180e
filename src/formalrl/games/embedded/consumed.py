"""Which arguments were looked at while a game was compiled: what nobody read would be accepted and ignored."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from .checker import Term, Value

OPTIONAL_PARTS = frozenset({"board", "regions", "piece", "map", "track", "note"})
"""Forms whose parts a game need not use: regions that no rule names, moves of pieces that never move by them."""


class Arguments(dict[str, "Value"]):
    """Label -> argument; keeps the labels that were asked for, present or not."""

    __slots__ = ("asked",)

    def __init__(self, values: "dict[str, Value]"):
        super().__init__(values)
        self.asked: set[str] = set()

    def __getitem__(self, label: str) -> "Value":
        self.asked.add(label)
        return super().__getitem__(label)

    def get(self, label: str, default: Any = None) -> Any:
        self.asked.add(label)
        return super().get(label, default)

    def __contains__(self, label: object) -> bool:
        self.asked.add(cast("str", label))
        return super().__contains__(label)

    def __iter__(self) -> Iterator[str]:
        self.asked.update(super().keys())
        return super().__iter__()

    def unasked(self) -> list[str]:
        """Return the labels that nobody asked for."""
        return [label for label in super().keys() if label not in self.asked]  # noqa: SIM118 - not through __iter__


def first_ignored(term: "Term") -> "tuple[Term, str] | None":
    """Return a term in use and the label of an argument of it that nothing has read, or None."""
    stack = [term]
    while stack:
        here = stack.pop()
        if not isinstance(here.args, Arguments):
            continue
        unasked = here.args.unasked()
        if unasked:
            return here, unasked[0]
        for label, value in here.args.items():
            parts = list(_terms(value))
            used = [p for p in parts if not p.args or len(cast("Arguments", p.args).unasked()) < len(p.args)]
            if len(used) < len(parts) and here.key not in OPTIONAL_PARTS:
                return here, label
            stack += [p for p in used if p.args]
    return None


def _terms(value: "Value") -> "Iterator[Term]":
    if isinstance(value, tuple):
        for item in value:
            yield from _terms(item)
    elif value.form is not None:
        yield value
