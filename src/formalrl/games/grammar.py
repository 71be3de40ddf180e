"""The grammar of a missing middle, character by character: one bracketed expression of a type that its place asks for.

Every text of it passes the checker in its place. It is written in the shortest layout (see `fim.layout`), and it knows
how many tokens an unfinished middle needs at least to be closed, so that none is cut off by a length limit.
"""

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, TypeAlias

from .embedded.expected import CALLS, PARTS, RAW, Open, Part, accepted, is_optional, opened, result_types
from .embedded.fragments import types_that_fit
from .embedded.reader import SyntaxFault, read
from .embedded.signatures import FORMS, WORDS
from .engine import DEFAULT_LIMITS
from .fim import read_prompt

Stack: TypeAlias = tuple[Open, ...]
State: TypeAlias = tuple[str, Stack]
"""What is written of a word that is not complete, and the open brackets; none when the middle is complete."""

_INT, _REAL = r"-?\d{0,9}", r"-?(?:\d{1,9}(?:\.\d{0,4})?)?"
"""The beginnings of numbers."""
_NUMBERS: frozenset[str] = frozenset(("int", "real"))
_STRING: frozenset[str] = frozenset(("string",))
_SHORT_STRING = '"A"'
_HOPELESS = 1_000_000
"""Tokens where there is no way to complete a middle."""
_MANY = 100_000
"""States and costs that are remembered."""


class GameGrammar:
    """The middles that fit a prompt of the games task.

    Args:
        spell: the least number of tokens that a text can be written with.
    """

    def __init__(self, spell: Callable[[str], int]) -> None:
        self._spell = spell
        self._rest = _Costs(spell)
        self._outer = lru_cache(maxsize=_MANY)(self._find_outer)
        self._least = lru_cache(maxsize=_MANY)(self._find_least)

    def start(self, prompt: Any) -> State:
        """Return the state before the first character; any expression of the language where the prompt is no blank."""
        return "", (opened("start", fitting_types(prompt)),)

    def advance(self, state: State, character: str) -> State | None:
        """Return the state after one more character, or None when no middle goes on with it."""
        written, stack = state
        if not stack:
            return None
        words = _words(stack[-1])
        grown = written + character
        after = words.options.get(grown)
        if after is not None and grown not in words.stems:
            return "", _follow(stack, after)
        if after is not None or grown in words.stems or words.begins_number(grown):
            return grown, stack
        if words.strings and (string := _grow_string(written, character, words.blank)) is not None:
            return (string, stack) if string else ("", _follow(stack, (_after(stack[-1], _STRING),)))
        complete = _complete(written, stack) if written else None
        return None if complete is None else self.advance(("", complete), character)

    def remaining(self, state: State) -> int:
        """Return how many tokens are enough to complete the middle; 0 when it is complete."""
        written, stack = state
        return int(min(_HOPELESS, *self._continued(written, stack)) if written else min(_HOPELESS, self._least(stack)))

    def _continued(self, written: str, stack: Stack) -> Iterator[float]:
        """Yield the cost of every way to complete the word that is written, and all after it."""
        words, top = _words(stack[-1]), stack[-1]
        for text, after in words.options.items():
            if text.startswith(written):
                yield self._spell(text[len(written) :]) + self._least(_follow(stack, after))
        for text, types in words.literals():
            if text.startswith(written):
                yield self._spell(text[len(written) :]) + self._least(_follow(stack, (_after(top, types),)))
        if written.startswith(f'{words.blank}"'):
            if not written.endswith('"'):
                yield self._spell('"') + self._least(_follow(stack, (_after(top, _STRING),)))
        elif written.strip() and words.begins_number(written):
            digits = written if written[-1].isdigit() else f"{written}0"
            if (types := _number_types(digits.strip())) & top.atoms:
                yield self._spell(digits[len(written) :]) + self._least(_follow(stack, (_after(top, types),)))

    def _find_least(self, stack: Stack) -> float:
        """Return the least cost of everything that is still to be written."""
        if not stack:
            return 0
        top, outer = stack[-1], stack[:-1]
        if top.kind == "head":
            heads = ((FORMS[n].head, n) for n in range(len(FORMS)) if top.types & result_types(n))
            return min(
                self._spell(head) + self._rest.of_form(n, 0) + self._beyond(outer, result_types(n)) for head, n in heads
            )
        costs: list[float] = []
        if top.kind == "call" and not top.label:
            costs += [self._rest.of_form(n, i) + self._beyond(outer, result_types(n)) for n, i in top.live]
        elif top.closed():
            costs.append(self._spell("}") + self._beyond(outer, top.closed()))
        else:
            costs += [self._rest.of_type(t, top.glued) + self._outer(stack, t) for t in top.wanted]
        return min(costs)

    def _beyond(self, stack: Stack, types: frozenset[str]) -> float:
        return min(self._outer(stack, t) for t in types)

    def _find_outer(self, stack: Stack, type_name: str) -> float:
        """Return the least cost of all that follows an expression of this type in the innermost of these brackets."""
        top, outer = stack[-1], stack[:-1]
        if top.kind == "start":
            return 0.0 if type_name in top.types else math.inf
        after = _after(top, frozenset((type_name,)))
        if top.kind != "call":
            return self._spell("}") + self._beyond(outer, after.closed()) if after.types else math.inf
        costs = [self._rest.of_form(n, i) + self._beyond(outer, result_types(n)) for n, i in after.live]
        return min(costs, default=math.inf)


class _Costs:
    """The least number of tokens of what a form or a type needs."""

    def __init__(self, spell: Callable[[str], int]) -> None:
        self._spell = lru_cache(maxsize=None)(spell)
        self._types = {(t, glued): self._literal(t, glued) for t in self._all_types() for glued in (False, True)}
        while self._improved():
            pass
        self._forms = {(n, i): self._form(n, i) for n in range(len(FORMS)) for i in range(len(PARTS[n]) + 1)}

    def of_type(self, type_name: str, glued: bool) -> float:
        """Return the cost of the cheapest expression of a type, without or with the blank before it."""
        if type_name.startswith("{"):
            opening = "{" if glued else " {"
            return self._spell(opening) + self.of_type(type_name[1:-1], True) + self._spell("}")
        return self._types[type_name, glued]

    def of_form(self, number: int, place: int) -> float:
        """Return the cost of the parts of a form that must follow, from a place on, and of its bracket."""
        return self._forms[number, place]

    @staticmethod
    def _all_types() -> frozenset[str]:
        params = (part for parts in PARTS for part in parts if not isinstance(part, str))
        return CALLS | WORDS.keys() | {t.strip("{}") for param in params for t in accepted(param)} | {"bool", "string"}

    def _literal(self, type_name: str, glued: bool) -> float:
        blank = "" if glued else " "
        words = sorted(WORDS["Flag"] if type_name == "bool" else WORDS.get(type_name, ()))
        words += {"int": ["0"], "real": ["0"], "string": [_SHORT_STRING]}.get(type_name, [])
        return min((self._spell(blank + word) for word in words), default=math.inf)

    def _improved(self) -> bool:
        """Try what is known for arguments; return whether something became cheaper."""
        before = dict(self._types)
        for glued in (False, True):
            blank = "" if glued else " "
            for raw, inside in RAW.items():
                cost = self._spell(blank + "{") + self._types[inside, True] + self._spell("}")
                self._types[raw, glued] = min(self._types[raw, glued], cost)
            for n, form in enumerate(FORMS):
                cost = self._spell(f"{blank}({form.head}") + self._form(n, 0)
                for type_name in result_types(n):
                    self._types[type_name, glued] = min(self._types[type_name, glued], cost)
        return before != self._types

    def _form(self, number: int, place: int) -> float:
        needed = (part for part in PARTS[number][place:] if not is_optional(part))
        return sum(map(self._part, needed)) + self._spell(")")

    def _part(self, part: Part) -> float:
        if isinstance(part, str):
            return self._spell(f" {part}")
        name = self._spell(f" {part.label}:") if part.named else 0
        return name + min(self.of_type(t, part.named) for t in accepted(part))


@lru_cache(maxsize=_MANY)
def fitting_types(prompt: Any) -> frozenset[str]:
    """Return the types of which the middle of a prompt may be; all that a call may have when nothing is known."""
    blank = read_prompt(prompt)
    if blank is None:
        return CALLS
    try:
        root = read(f"{blank.prefix}(){blank.suffix}".replace("()", "(hole)", 1), DEFAULT_LIMITS)
    except (SyntaxFault, RecursionError):
        return CALLS
    return types_that_fit(root, len(blank.prefix)) or CALLS


def _follow(stack: Stack, after: Stack) -> Stack:
    """Return the open brackets when `after` stand in place of the innermost one, which closes where there are none."""
    if after:
        return (*stack[:-1], *after)
    if stack[-2].kind == "start":
        return ()
    return (*stack[:-2], _after(stack[-2], stack[-1].closed()))


@dataclass(frozen=True)
class _Words:
    """How what may stand next in an open bracket is written, a blank before it where it needs one."""

    blank: str
    options: dict[str, Stack]
    """Text -> the brackets that are open after it in place of this one; none where it closes this one."""
    stems: frozenset[str]
    """Beginnings of texts that go on; a whole text is among them where a longer one begins with it."""
    number: re.Pattern[str] | None
    """Beginnings of the numbers that may stand here."""
    strings: bool

    def begins_number(self, text: str) -> bool:
        """Return whether a text is the beginning of a number."""
        return self.number is not None and self.number.fullmatch(text) is not None

    def literals(self) -> Iterator[tuple[str, frozenset[str]]]:
        """Yield (text, its types) of a short string and a short number, where they may stand here."""
        if self.strings:
            yield self.blank + _SHORT_STRING, _STRING
        if self.number is not None:
            yield f"{self.blank}0", _NUMBERS


@cache
def _words(top: Open) -> _Words:
    blank = "" if top.glued else " "
    options = _options(top, blank)
    stems = {text[:n] for text in options for n in range(1, len(text))}
    pattern = _REAL if "real" in top.atoms else _INT if "int" in top.atoms else None
    number = None if pattern is None else re.compile(f"{blank}{pattern}")
    strings = "string" in top.atoms
    if blank and (strings or number is not None):
        stems.add(blank)
    return _Words(blank, options, frozenset(stems), number, strings)


def _options(top: Open, blank: str) -> dict[str, Stack]:
    found: dict[str, Stack] = {head: (top.headed(head),) for head in top.heads()}
    found.update({f"{blank}{label}:": (top.named(label),) for label in top.labels()})
    found.update({f"{blank}{word}": (top.after_word(word),) for word in top.words()})
    calls = top.wanted & CALLS
    if calls and top.kind != "raw":
        found[f"{blank}("] = (top, opened("head", calls))
    inner = frozenset(t[1:-1] for t in top.atoms if t.startswith("{"))
    raw = top.atoms & frozenset(RAW) if top.kind in ("list", "raw") else frozenset[str]()
    if inner or raw:
        found[f"{blank}{{"] = (top, opened("list", inner, empty=True) if inner else opened("raw", raw, empty=True))
    if top.closed():
        found[")" if top.kind == "call" else "}"] = ()
    return found


@lru_cache(maxsize=_MANY)
def _after(top: Open, types: frozenset[str]) -> Open:
    return top.after(types)


def _complete(written: str, stack: Stack) -> Stack | None:
    """Return the brackets that are open after the word that is written; None when it is none."""
    top, words = stack[-1], _words(stack[-1])
    if (after := words.options.get(written)) is not None:
        return _follow(stack, after)
    types = _number_types(written.removeprefix(words.blank)) if words.begins_number(written) else frozenset[str]()
    return _follow(stack, (_after(top, types),)) if types & top.atoms else None


def _number_types(text: str) -> frozenset[str]:
    """Return the types of a text that is a number; none when it is only the beginning of one."""
    if not text[-1:].isdigit():
        return frozenset()
    return frozenset(("real",)) if "." in text else _NUMBERS


def _grow_string(written: str, character: str, blank: str) -> str | None:
    """Return a string with one more character, cut to what matters; "" when it is closed, None when it is none."""
    if written == blank and character == '"':
        return f'{blank}"'
    if not written.startswith(f'{blank}"'):
        return None
    if character == '"':
        return "" if len(written) > len(blank) + 1 else None
    return f'{blank}".' if character.isprintable() else None
