"""Specifications of small functions, with reference solutions and hidden tests; drawn by number, deterministic."""

import hashlib
import json
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from formalrl.errors import ConfigError
from formalrl.tasks.program_operations import ENDS, KIND_WORDS, OPERATIONS, Kind, Operation
from formalrl.tasks.rows import is_held_out

Split = Literal["train", "eval"]

LEVELS: dict[int, tuple[tuple[tuple[Kind, ...], tuple[int, ...]], bool]] = {
    1: ((("int",), (1,)), False),
    2: ((("int",), (2,)), False),
    3: ((("list",), (1, 2)), True),
    4: ((("str",), (1, 2)), True),
    5: ((("int", "list", "str"), (3, 4)), True),
}
"""Level -> ((kinds of the input, numbers of steps), whether a step may change the kind)."""

MAX_TRIES = 10_000
"""Draws after which a level is held to be empty."""
NUM_TESTS = 10
_WORDS = ("tea", "east site", "aeiou", "statistics", "a", "it is a test", "set", "tiseas", "rhythm", "eat as i eat", "")


@dataclass(frozen=True)
class Program:
    """A chain of operations with their constants."""

    steps: tuple[tuple[Operation, Any], ...]

    @property
    def kind(self) -> Kind:
        """The kind of its input."""
        return self.steps[0][0].takes

    def words(self) -> str:
        """Return the specification: `x is a list of integers: keep the even ones, then sum`."""
        steps = ", then ".join(operation.words.format(k=constant) for operation, constant in self.steps)
        return f"x is {KIND_WORDS[self.kind]}: {steps}"

    def prompt(self) -> str:
        """Return the specification as a comment, and the first line of the function."""
        return f"# {self.words()}\ndef f(x):"

    def body(self) -> str:
        """Return the rest of the function: one line a step."""
        codes = [operation.code.format(k=constant) for operation, constant in self.steps]
        return "".join(f"\n    x = {code}" for code in codes[:-1]) + f"\n    return {codes[-1]}\n"

    def value(self, x: Any) -> Any:
        """Return what the function must return."""
        for operation, constant in self.steps:
            x = operation.function(x, constant)
        return x

    def tests(self) -> list[list[Any]]:
        """Return the hidden tests, [input, expected] each; fixed by the specification."""
        rng = random.Random(self.words())
        inputs = [_input(self.kind, rng, number) for number in range(NUM_TESTS)]
        return [[x, self.value(x)] for x in inputs]

    def is_worth_asking(self) -> bool:
        """Return whether no constant passes more than three tests in ten, nor returning the input more than two."""
        tests = [(json.dumps(x), json.dumps(y)) for x, y in self.tests()]
        most_common = Counter(y for _, y in tests).most_common(1)[0][1]
        return most_common <= 0.3 * len(tests) and sum(x == y for x, y in tests) <= 0.2 * len(tests)


@lru_cache(maxsize=8192)
def draw(level: int, seed: int, split: Split, position: int) -> Program:
    """Return the program at a position of a split; levels up to `level` are equally likely.

    Raises ConfigError when none is found.
    """
    for attempt in range(MAX_TRIES):
        text = f"{seed}:{split}:{position}:{attempt}"
        rng = random.Random(int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big"))
        program = _random_program(rng.randint(1, level), rng)
        if is_held_out(program.prompt()) == (split == "eval") and program.is_worth_asking():
            return program
    raise ConfigError(f"{MAX_TRIES} draws gave no {split} program of level {level}: choose another seed.")


@dataclass(frozen=True)
class Programs(Sequence[Program]):
    """The programs of one split, made when asked for. Repetitions within a split are possible, across splits not."""

    level: int
    seed: int
    split: Split
    size: int

    def __len__(self) -> int:
        """The number of draws."""
        return self.size

    def __getitem__(self, index: Any) -> Any:
        """Return the program at `index`, or a list of those of a slice."""
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(self.size))]
        return draw(self.level, self.seed, self.split, range(self.size)[index])


def _random_program(level: int, rng: random.Random) -> Program:
    (kinds, lengths), may_change = LEVELS[level]
    kind, num_steps = rng.choice(kinds), rng.choice(lengths)
    steps: list[tuple[Operation, Any]] = []
    while len(steps) < num_steps:
        last = len(steps) == num_steps - 1
        fitting = [
            operation
            for operation in OPERATIONS
            if operation.takes == kind
            and (may_change or operation.gives == kind)
            and (last or operation.words not in ENDS)
            and (not steps or operation is not steps[-1][0])
        ]
        operation = rng.choice(fitting)
        steps.append((operation, rng.choice(operation.constants)))
        kind = operation.gives
    return Program(tuple(steps))


def _input(kind: Kind, rng: random.Random, number: int) -> Any:
    if kind == "int":
        return (0, -7, 31)[number] if number < 3 else rng.randint(-50, 50)
    if kind == "list":
        return [rng.randint(-9, 20) for _ in range((0, 1)[number] if number < 2 else rng.randint(2, 7))]
    word = _WORDS[(number * 3 + rng.randrange(3)) % len(_WORDS)]
    return word if number < 4 else " ".join(rng.choice(_WORDS[:-1]) for _ in range(rng.randint(1, 3)))
