"""Which arithmetic expressions there are and how likely each is; training and held-out ones. Lazy and deterministic.

A space numbers its draws, all equally likely: `expression(i)` is the text of draw i, or None where the draw is no
expression of the language. Small spaces are enumerated; of larger ones a fixed number of draws is sampled by hash.
"""

import hashlib
import itertools
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, Protocol, overload

from formalrl.errors import ConfigError
from formalrl.tasks.reductions import is_within, value_of
from formalrl.tasks.rows import is_held_out
from formalrl.types import Prompt

Distribution = Literal["paper", "uniform"]
Split = Literal["train", "eval"]

MAX_ENUMERATED = 400_000
"""Draws up to which a space is enumerated; larger ones are sampled."""
NUM_SAMPLED = {"train": 2**17, "eval": 2**14}
"""How many expressions are sampled of a larger space. Repetitions within a split are possible, across splits not."""
MAX_TRIES = 4_000
"""Draws after which a sampled space is held to be empty."""


class Space(Protocol):
    """Equally likely draws of expressions."""

    @property
    def max_value(self) -> int:
        """All values, partial results included, are nearer to 0 than this."""
        ...

    @property
    def size(self) -> int:
        """The number of draws."""
        ...

    def expression(self, index: int) -> str | None:
        """Return the text of draw `index` without spaces, or None."""
        ...

    def expressions(self) -> Iterator[str | None]:
        """Yield `expression(i)` for all draws in order, faster than one by one."""
        ...


@dataclass(frozen=True)
class DrawnSpace:
    """Every draw of the procedure of arXiv 2410.17126: operand, operator, operand, ... until the text is long enough.

    Operands are uniform on 0 ... max_operand. Text beyond `max_characters` is cut off and then an operator at the end.
    So the default language has 11^5 draws: expressions of 9 or 10 characters and of 4 or 5 operands; those that the cut
    makes equal (`...+1` of `...+1` and `...+10`) come as often as the procedure draws them.
    """

    operators: str
    max_operand: int
    max_characters: int
    max_value: int
    max_operands: int
    """The procedure also stops after so many operands."""

    @property
    def size(self) -> int:
        """The number of draws."""
        return (self.max_operand + 1) ** self.max_operands * len(self.operators) ** (self.max_operands - 1)

    def expression(self, index: int) -> str | None:
        """Return the text of draw `index`, or None when it has one operand or a value out of range."""
        slots = []
        for _ in range(self.max_operands - 1):
            index, slot = divmod(index, (self.max_operand + 1) * len(self.operators))
            slots.append(f"{slot // len(self.operators)}{self.operators[slot % len(self.operators)]}")
        return _checked(self._cut([str(index), *reversed(slots)]), self.max_value)

    def expressions(self) -> Iterator[str | None]:
        """Yield `expression(i)` for all draws in order, faster than one by one."""
        operands = [str(operand) for operand in range(self.max_operand + 1)]
        slots = [operand + operator for operand in operands for operator in self.operators]
        for draw in itertools.product(operands, *[slots] * (self.max_operands - 1)):
            yield _checked(self._cut(draw), self.max_value)

    def _cut(self, draw: Sequence[str]) -> str:
        """The text of a draw: the last operand, then from the last to the first each other one with its operator.

        What the procedure would not have drawn any more lies behind the cut.
        """
        return "".join(reversed(draw))[: self.max_characters].rstrip("+-*")


@dataclass(frozen=True)
class UniformSpace:
    """Every expression of at most `max_characters` characters and 2 to `max_operands` operands, once each."""

    operators: str
    max_operand: int
    max_characters: int
    max_value: int
    max_operands: int

    @property
    def size(self) -> int:
        """The number of draws."""
        return sum(len(group) * self._num_texts(group, 0, 1) for group in self._groups(0))

    def expression(self, index: int) -> str | None:
        """Return the text of draw `index`, or None when its value is out of range."""
        text = ""
        for num_operands in range(1, self.max_operands + 1):
            operand, index, num_texts = self._operand(index, len(text), num_operands)
            text += str(operand)
            if num_operands > 1:
                if index == 0:
                    break
                index, num_texts = index - 1, num_texts - 1
            operator, index = divmod(index, num_texts // len(self.operators))
            text += self.operators[operator]
        return _checked(text, self.max_value)

    def expressions(self) -> Iterator[str | None]:
        """Yield `expression(i)` for all draws in order, faster than one by one."""
        return self._continued("", 1)

    def _continued(self, begun: str, num_operands: int) -> Iterator[str | None]:
        for group in self._groups(len(begun)):
            for operand in group:
                text = f"{begun}{operand}"
                if num_operands > 1:
                    yield _checked(text, self.max_value)
                if num_operands < self.max_operands and len(text) < self.max_characters - 1:
                    for operator in self.operators:
                        yield from self._continued(text + operator, num_operands + 1)

    def _operand(self, index: int, used: int, num_operands: int) -> tuple[int, int, int]:
        """The operand after `used` characters, the number of what follows it, and how many texts may follow it."""
        for group in self._groups(used):
            num_texts = self._num_texts(group, used, num_operands)
            if index < len(group) * num_texts:
                return group[index // num_texts], index % num_texts, num_texts
            index -= len(group) * num_texts
        raise IndexError("the space has fewer draws")

    def _groups(self, used: int) -> list[range]:
        return _digit_groups(self.max_operand, self.max_characters - used)

    def _num_texts(self, group: range, used: int, num_operands: int) -> int:
        """How many expressions begin with `used` characters and one operand of `group`, the last of `num_operands`."""
        left = self.max_characters - used - len(str(group[0]))
        endings = _num_endings(left, self.max_operands - num_operands, self.max_operand, len(self.operators))
        return endings - (num_operands == 1)


def _checked(text: str, max_value: int) -> str | None:
    return text if not text.isdecimal() and is_within(text, max_value) else None


def _digit_groups(max_operand: int, characters: int) -> list[range]:
    """The operands of 1, 2, ... digits that fit into `characters`."""
    groups = [range(0, min(max_operand, 9) + 1)]
    groups += [range(10**d, min(max_operand, 10 ** (d + 1) - 1) + 1) for d in range(1, len(str(max_operand)))]
    return groups[: max(0, characters)]


@lru_cache(maxsize=65_536)
def _num_endings(characters: int, operands: int, max_operand: int, num_operators: int) -> int:
    """How many ways an expression can end after an operand, with so many characters and operands left."""
    if operands == 0:
        return 1
    groups = _digit_groups(max_operand, characters - 1)
    following = (
        len(group) * _num_endings(characters - 1 - len(str(group[0])), operands - 1, max_operand, num_operators)
        for group in groups
    )
    return 1 + num_operators * sum(following)


@lru_cache(maxsize=16)
def enumerated(space: Space) -> dict[Split, array]:
    """Return the draws of either split, of a space with at most MAX_ENUMERATED.

    Training draws are in the order of their numbers, held-out ones in that of a hash: the first n are a fair sample.
    """
    train, held_out = array("I"), []
    for index, text in enumerate(space.expressions()):
        if text is None:
            continue
        if is_held_out(text):
            held_out.append((hashlib.blake2b(f"{index}:{text}".encode(), digest_size=8).digest(), index))
        else:
            train.append(index)
    return {"train": train, "eval": array("I", (index for _, index in sorted(held_out)))}


@lru_cache(maxsize=16)
def value_counts(space: Space, split: Split) -> Mapping[int, int]:
    """Return how often each value occurs among the expressions of a split."""
    texts: Iterable[str | None] = Expressions(space, split)
    if space.size <= MAX_ENUMERATED:
        texts = (text for text in space.expressions() if text and is_held_out(text) == (split == "eval"))
    return Counter(value_of(text) for text in texts if text)


@dataclass(frozen=True)
class Expressions(Sequence[str]):
    """The expressions of one split of a space, made when asked for."""

    space: Space
    split: Split

    @property
    def is_enumerated(self) -> bool:
        """True when every draw of the split is here, False when they are a sample."""
        return self.space.size <= MAX_ENUMERATED

    def __len__(self) -> int:
        """The number of draws, repeated expressions included."""
        return len(enumerated(self.space)[self.split]) if self.is_enumerated else NUM_SAMPLED[self.split]

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> "Sequence[str]": ...
    def __getitem__(self, index: int | slice) -> "str | Sequence[str]":
        """Return the expression at `index`, or a list of those of a slice."""
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        position = range(len(self))[index]
        if not self.is_enumerated:
            return self._sampled(position)
        text = self.space.expression(enumerated(self.space)[self.split][position])
        assert text is not None
        return text

    def _sampled(self, position: int) -> str:
        size = self.space.size
        num_bytes = size.bit_length() // 8 + 9
        for attempt in range(MAX_TRIES):
            noise = hashlib.shake_256(f"{self.split}:{position}:{attempt}".encode()).digest(num_bytes)
            text = self.space.expression(int.from_bytes(noise, "big") % size)
            if text is not None and is_held_out(text) == (self.split == "eval"):
                return text
        raise ConfigError(
            f"{MAX_TRIES} draws gave no {self.split} expression whose value, partial results included, stays below"
            f" max_value {self.space.max_value}: raise max_value, or lower max_operand or max_characters."
        )


@dataclass(frozen=True)
class PromptsOf(Sequence[Prompt]):
    """The prompts of expressions, made when asked for."""

    expressions: Sequence[str]
    make: Callable[[str], Prompt]

    def __len__(self) -> int:
        return len(self.expressions)

    @overload
    def __getitem__(self, index: int) -> Prompt: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Prompt]: ...
    def __getitem__(self, index: int | slice) -> Prompt | Sequence[Prompt]:
        if isinstance(index, slice):
            return [self.make(expression) for expression in self.expressions[index]]
        return self.make(self.expressions[index])
