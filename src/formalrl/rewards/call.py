"""Call a reward on many completions in this process; whatever it does, every row gets a Score."""

import asyncio
import hashlib
import inspect
import itertools
import math
import numbers
import random
import sys
import threading
import traceback
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from formalrl.rewards.signature import RewardRow, Signature, declares
from formalrl.rewards.weighted import WeightedRewards
from formalrl.types import Score, Task

Function = TypeVar("Function", bound=Callable[..., Any])

MAX_CONCURRENT = 64
"""How many calls of an async reward are under way at once."""

STEPS = "steps"
"""Key of a reward's dict that holds rewards of stretches of the completion instead of a number."""

MAX_DETAIL = 4000
"""Characters of a traceback that are kept (its end)."""


@dataclass(frozen=True)
class RewardKey:
    """What seeds `random` and `numpy.random` of a reward call, so that a resumed step scores as the first time."""

    seed: int = 0
    step: int = 0
    round: int = 0
    """The round of dynamic sampling."""
    first_row: int = 0
    """Number, within the step and over all ranks, of the first of the rows."""

    def row_seed(self, row: int) -> int:
        """Return the 32-bit seed of row `first_row + row`."""
        text = f"{self.seed} {self.step} {self.round} {self.first_row + row}"
        return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=4).digest(), "little")


def deterministic(function: Function) -> Function:
    """Mark a reward that gives equal rows (prompt, completion, columns) equal scores, so that they need one call; in
    the batch form, too, whose calls then hold only rows that were not scored before. A reward that declares
    `batch_dependent` is called for all rows all the same."""
    function.deterministic = True  # type: ignore[attr-defined]
    return function


def in_trainer(function: Function) -> Function:
    """Mark a reward that the trainer calls itself unless workers are asked for: it needs what only the trainer has (a
    classifier on its device), or is quick and cannot fail, hang or grow (formalrl's own arithmetic)."""
    function.in_trainer = True  # type: ignore[attr-defined]
    return function


@dataclass(frozen=True)
class Verdict:
    """A task's `is_correct` as a reward: 1 or 0. What counts as right depends on nothing but the arguments."""

    function: Callable[..., Any]
    deterministic = True

    def __call__(self, prompt: Any, completion: str, **columns: Any) -> float:
        """Return 1 where the completion is right."""
        return float(bool(self.function(prompt, completion, **columns)))


def reward_of(task: Task) -> Callable[..., Any]:
    """Return what scores the task's completions: the user's function (maybe batch or async), or `task.reward`."""
    return getattr(task, "reward_function", None) or task.reward


def score_rows(
    function: Callable[..., Any] | WeightedRewards, rows: Sequence[RewardRow], key: RewardKey | None = None
) -> list[Score]:
    """Return one Score a row, in order.

    Accepts the forms of `Signature`, sync and async. `random` and `numpy.random` are seeded before each call (once for
    the batch form and for async functions, whose calls interleave) and restored at the end. When a batch call raises
    or returns no list of the right length, it is repeated row by row, so that one bad row costs one row; a function
    with the attribute `batch_dependent = True` fails whole instead.
    """
    key = key or RewardKey()
    if isinstance(function, WeightedRewards):
        return function.combine([score_rows(part, rows, key) for part in function.functions])
    signature = Signature.of(function)
    with seeded(key.row_seed(0)):
        if signature.batch:
            return _score_batch(function, signature, rows, key)
        if signature.is_async:
            return _run(_score_concurrently(function, signature, rows))
        return [score_one(function, signature, row, key.row_seed(number)) for number, row in enumerate(rows)]


def to_score(value: Any) -> Score:
    """Return the Score of what a reward returned: a number, or a dict with `reward` (or `score`) and numeric parts.

    Its key `steps`, where it has one, holds (position, reward) pairs at rising positions of the completion's text.
    """
    if not isinstance(value, Mapping):
        number, error, detail = _to_number(value)
        return Score(number, error, detail=detail and f"the reward {detail}")
    key = "reward" if "reward" in value else "score"
    if key not in value:
        listed = ", ".join(repr(name) for name in value) or "none"
        return Score(
            None, "bad_type", detail=f"the reward returned a dict without 'reward' or 'score' (its keys: {listed})"
        )
    parts: dict[str, float] = {}
    steps = _to_steps(value.get(STEPS, ()))
    if isinstance(steps, Score):
        return steps
    for name, part in value.items():
        if name == STEPS:
            continue
        number, error, detail = _to_number(part)
        if number is None:
            return Score(None, error, detail=f"the reward's part {name!r} {detail}")
        parts[str(name)] = number
    return Score(parts.pop(key), parts=parts, steps=steps)


def failure(error: BaseException) -> Score:
    """Return the Score of a reward call that raised, with the traceback as detail."""
    kind = "timeout" if isinstance(error, TimeoutError) else "memory" if isinstance(error, MemoryError) else "exception"
    text = "".join(traceback.format_exception(error))
    return Score(None, kind, detail=text[-MAX_DETAIL:])


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seed `random` and, where it is loaded, `numpy.random`; put their states back at the end."""
    state = random.getstate()
    numpy_random = sys.modules["numpy"].random if "numpy" in sys.modules else None
    numpy_state = numpy_random.get_state() if numpy_random else None
    try:
        seed_all(seed)
        yield
    finally:
        random.setstate(state)
        if numpy_random:
            numpy_random.set_state(numpy_state)


def _to_steps(value: Any) -> tuple[tuple[int, float], ...] | Score:
    """The steps, or the failed Score of what is none."""
    try:
        pairs = [(int(position), reward) for position, reward in value]
    except (TypeError, ValueError, OverflowError):
        detail = f"the reward's 'steps' are {_shown(value)}: they must be (position, reward) pairs"
        return Score(None, "bad_type", detail=detail)
    if any(later <= earlier for (earlier, _), (later, _) in itertools.pairwise(pairs)):
        detail = f"the reward's 'steps' are {_shown(value)}: their positions must rise"
        return Score(None, "bad_type", detail=detail)
    steps: list[tuple[int, float]] = []
    for position, reward in pairs:
        number, error, detail = _to_number(reward)
        if number is None:
            return Score(None, error, detail=f"the reward of the step up to {position} {detail}")
        steps.append((position, number))
    return tuple(steps)


def _to_number(value: Any) -> tuple[float | None, str | None, str]:
    """The number, or None with the error's kind and the end of a sentence."""
    if getattr(value, "ndim", None) == 0 and hasattr(value, "item"):  # a scalar of numpy, or a tensor of no dimension
        value = value.item()
    if not isinstance(value, numbers.Real):
        return None, "bad_type", f"is {_shown(value)} of type {type(value).__name__}: it must be a number"
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        return None, "not_finite", f"is {_shown(value)}: it must be a finite number"
    return number, None, ""


def _shown(value: Any) -> str:
    try:
        text = repr(value)
    except Exception:
        return "a value"
    return text if len(text) <= 80 else f"{text[:77]}..."


def score_one(function: Callable[..., Any], signature: Signature, row: RewardRow, seed: int) -> Score:
    """Return the Score of one row, after seeding `random` and `numpy.random`."""
    seed_all(seed)
    try:
        value = signature.call_one(function, row)
        if inspect.isawaitable(value):
            value = _run(_finished(value))
    except (Exception, SystemExit) as error:
        return failure(error)
    if not signature.batch:
        return to_score(value)
    scores = _scores_of_list(value, 1)
    return scores if isinstance(scores, Score) else scores[0]


def call_batch(function: Callable[..., Any], signature: Signature, rows: Sequence[RewardRow]) -> list[Score] | Score:
    """Return one Score a row from one call of a batch function, or the Score of the call when it failed as a whole."""
    try:
        values = signature.call_many(function, rows)
        if inspect.isawaitable(values):
            values = _run(_finished(values))
    except (Exception, SystemExit) as error:
        return failure(error)
    return _scores_of_list(values, len(rows))


def fails_whole(function: Callable[..., Any]) -> bool:
    """Return whether a batch function scores its rows against each other, so that no row can be scored alone."""
    return declares(function, "batch_dependent")


def seed_all(seed: int) -> None:
    """Seed `random` and, where it is loaded, `numpy.random`."""
    random.seed(seed)
    if "numpy" in sys.modules:  # importing it here would slow every worker's start
        sys.modules["numpy"].random.seed(seed)


def _score_batch(
    function: Callable[..., Any], signature: Signature, rows: Sequence[RewardRow], key: RewardKey
) -> list[Score]:
    if not rows:
        return []
    scores = call_batch(function, signature, rows)
    if not isinstance(scores, Score):
        return scores
    if fails_whole(function) or len(rows) == 1:
        return [scores] * len(rows)
    return [score_one(function, signature, row, key.row_seed(number)) for number, row in enumerate(rows)]


def _scores_of_list(values: Any, n: int) -> list[Score] | Score:
    """The scores in the list of a batch reward, or one failed Score when it is no list or has the wrong length."""
    if not isinstance(values, Sequence) and getattr(values, "ndim", None) == 1:
        values = values.tolist()
    if isinstance(values, str) or not isinstance(values, Sequence):
        detail = f"the batch reward returned {_shown(values)} of type {type(values).__name__}: it must be a list"
        return Score(None, "bad_type", detail=detail)
    if len(values) != n:
        detail = f"the batch reward returned {len(values)} values for {n} completions: it must return one for each"
        return Score(None, "wrong_length", detail=detail)
    return [to_score(value) for value in values]


async def _score_concurrently(
    function: Callable[..., Any], signature: Signature, rows: Sequence[RewardRow]
) -> list[Score]:
    slots = asyncio.Semaphore(MAX_CONCURRENT)

    async def score(row: RewardRow) -> Score:
        async with slots:
            try:
                return to_score(await signature.call_one(function, row))
            except (Exception, SystemExit) as error:
                return failure(error)

    return list(await asyncio.gather(*(score(row) for row in rows)))


async def _finished(value: Awaitable[Any]) -> Any:
    return await value


def _run(coroutine: Any) -> Any:
    """The coroutine's result; in a thread of its own where an event loop runs already, as in a notebook."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(coroutine)
    results: list[Any] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(asyncio.run(coroutine))
        except (Exception, SystemExit) as error:
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]
