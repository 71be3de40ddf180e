"""What may stand next in a description, by the table: an open bracket with the forms that its contents still fit.

The checker asks of a whole expression whether it fits a form. Here the forms that fit so far are kept side by side
while an expression is read from left to right, so that what may follow is known before it is written. Both agree: an
expression is of the types that the forms have which are left when it closes.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Literal, TypeAlias

from .signatures import FORMS, RESULTS, WORDS, Param

Kind: TypeAlias = Literal["start", "head", "call", "list", "raw"]
Part: TypeAlias = "str | Param"
"""A keyword, or a parameter."""
PARTS: tuple[tuple[Part, ...], ...] = tuple((*form.keywords, *form.params) for form in FORMS)
"""The parts of each form of the table, in order."""
RAW: dict[str, str] = {"point": "real", "walk": "Walk"}
"""Types that are lists by themselves -> the type of what is in them."""
CALLS = RESULTS | {"real"}
"""Types that a call may have."""


def list_of(type_name: str) -> str:
    """Return the name of the type of a list."""
    return "{" + type_name + "}"


@cache
def result_types(number: int) -> frozenset[str]:
    """Return the types of a call of the form with this number: whole numbers are numbers."""
    result = FORMS[number].result
    return frozenset((result, "real") if result == "int" else (result,))


@cache
def accepted(param: Param) -> frozenset[str]:
    """Return the types of which an argument may be, lists as `{type}`."""
    lists = {list_of(t.strip("{}")) for t in param.types if param.many or t.startswith("{")}
    return frozenset(lists | {t for t in param.types if param.single and not t.startswith("{")})


@dataclass(frozen=True, eq=False)
class Open:
    """An open bracket: which types or forms what it holds is still part of. `opened` makes one, each but once."""

    kind: Kind
    """`start`: nothing is written yet. `head`: `(` before its word. `call`: `(word ...`. `list`: `{...`. `raw`: a list
    that is one argument, such as a point."""
    types: frozenset[str] = frozenset()
    """What the expression may be (start, head), or what the elements are (list), or the list itself (raw)."""
    live: frozenset[tuple[int, int]] = frozenset()
    """call: (form, parts of it that are written)."""
    label: str = ""
    """call: the name that the next argument has."""
    empty: bool = False
    """list, raw: nothing is in it yet."""

    @cached_property
    def glued(self) -> bool:
        """Whether the next word follows without a blank."""
        return self.kind in ("start", "head") or self.empty or bool(self.label)

    @cached_property
    def wanted(self) -> frozenset[str]:
        """The types of which the next argument or element may be."""
        if self.kind == "raw":
            return frozenset(RAW[t] for t in self.types) | (self.types & {"point"})
        if self.kind != "call":
            return self.types if self.kind != "head" else frozenset()
        return frozenset[str]().union(*(accepted(part) for _, _, part in self.reached() if isinstance(part, Param)))

    @cached_property
    def atoms(self) -> frozenset[str]:
        """The types of which a word, a number, a string or a list may stand here: a middle begins with a call."""
        return self.wanted if self.kind != "start" else frozenset()

    def reached(self) -> Iterator[tuple[int, int, Part]]:
        """Yield (form, place, part) of what may come next in a call, named as `label` says."""
        return (found for found in self._following() if label_of(found[2]) == self.label)

    def labels(self) -> set[str]:
        """Return the names that an argument may have here."""
        return set() if self.label else {label_of(part) for _, _, part in self._following()} - {""}

    def _following(self) -> Iterator[tuple[int, int, Part]]:
        """Yield (form, place, part) of the next part of each form, and of those after optional ones."""
        for form, place in self.live:
            for j in range(place, len(PARTS[form])):
                yield form, j, PARTS[form][j]
                if not is_optional(PARTS[form][j]):
                    break

    def words(self) -> set[str]:
        """Return the keywords and capitalized words that may come next."""
        atoms = self.atoms
        found = set[str]().union(*(WORDS[t] for t in atoms if t in WORDS))
        if "bool" in atoms:
            found |= WORDS["Flag"]
        return found | {part for _, _, part in self.reached() if isinstance(part, str)}

    def heads(self) -> set[str]:
        """Return the words that may follow `(`."""
        fitting = (n for n in range(len(FORMS)) if self.kind == "head" and self.types & result_types(n))
        return {FORMS[n].head for n in fitting}

    def named(self, label: str) -> "Open":
        """Return what is open after `label:`."""
        return opened("call", live=self.live, label=label)

    def headed(self, head: str) -> "Open":
        """Return what is open after `(head`."""
        fitting = (n for n, form in enumerate(FORMS) if form.head == head and self.types & result_types(n))
        return opened("call", live=frozenset((n, 0) for n in fitting))

    def after_word(self, word: str) -> "Open":
        """Return what is open after a keyword or a capitalized word."""
        types = frozenset(t for t in self.wanted if word in WORDS.get(t, WORDS["Flag"] if t == "bool" else ()))
        after = self.after(types)
        keywords = frozenset((form, j + 1) for form, j, part in self.reached() if part == word)
        return after if self.kind != "call" else opened("call", live=after.live | keywords)

    def after(self, types: Collection[str]) -> "Open":
        """Return what is open after an argument or element that is of each of these types."""
        if self.kind == "call":
            fits = (
                (form, j + 1)
                for form, j, part in self.reached()
                if isinstance(part, Param) and not accepted(part).isdisjoint(types)
            )
            return opened("call", live=frozenset(fits))
        if self.kind == "raw":
            return opened("raw", frozenset(t for t in self.types if t in types or RAW[t] in types))
        return opened(self.kind, self.types.intersection(types))

    @cache  # noqa: B019
    def closed(self) -> frozenset[str]:
        """Return the types that the expression has when it closes here; none when it may not."""
        if self.kind == "list" and not self.empty:
            return frozenset(map(list_of, self.types))
        if self.kind == "raw" and not self.empty:
            return self.types
        if self.kind != "call" or self.label:
            return frozenset()
        ended = (form for form, place in self.live if all(is_optional(part) for part in PARTS[form][place:]))
        return frozenset[str]().union(*map(result_types, ended))


_made = cache(Open)


def opened(
    kind: Kind,
    types: frozenset[str] = frozenset(),
    live: frozenset[tuple[int, int]] = frozenset(),
    *,
    label: str = "",
    empty: bool = False,
) -> Open:
    """Return the open bracket with these fields, always the same one, so that it is found fast."""
    return _made(kind, types, live, label, empty)


def label_of(part: Part) -> str:
    """Return the name that an argument must have; "" for keywords and positional ones."""
    return part.label if isinstance(part, Param) and part.named else ""


def is_optional(part: Part) -> bool:
    """Return whether a part may be left out."""
    return isinstance(part, Param) and part.optional
