"""Where a reward is called: in worker processes that can be killed, by the trainer itself, or some of each."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from formalrl.rewards._pool import RewardPool, num_cores
from formalrl.rewards.call import RewardKey, Verdict, score_rows
from formalrl.rewards.signature import RewardRow, declares, scores_repeat
from formalrl.rewards.weighted import WeightedRewards
from formalrl.types import Score

GIVE_UP_AFTER = 16
"""Calls that may hang or end their worker before the first that gives a score; after so many a run gives up."""


class Scorer(Protocol):
    """Scores rows, here or in worker processes."""

    def score(self, rows: Sequence[RewardRow], key: RewardKey) -> list[Score]:
        """Return one Score a row, in order; never raises for what a reward does."""
        ...

    def judge(self, rows: Sequence[RewardRow], key: RewardKey) -> list[Score]:
        """Return what the task's `is_correct` says of each row, 1 or 0, in order; never raises for what it does."""
        ...

    def close(self) -> None:
        """Release what the scorer holds; it may be called twice."""
        ...


@dataclass(frozen=True)
class InProcessScorer:
    """The scorer without workers: quick for pure functions, helpless against one that hangs."""

    function: Callable[..., Any] | WeightedRewards
    is_correct: Callable[..., Any] | None = None

    def score(self, rows: Sequence[RewardRow], key: RewardKey) -> list[Score]:
        """Return one Score a row, in order."""
        if isinstance(self.function, WeightedRewards):
            return self.function.combine(
                [InProcessScorer(member).score(rows, key) for member in self.function.functions]
            )
        if not scores_repeat(self.function):
            return score_rows(self.function, rows, key)
        numbers = first_of_equal(rows)
        firsts = sorted(set(numbers))
        place = {number: position for position, number in enumerate(firsts)}
        scores = score_rows(self.function, [rows[number] for number in firsts], key)
        return [scores[place[number]] for number in numbers]

    def judge(self, rows: Sequence[RewardRow], key: RewardKey) -> list[Score]:
        """Return what `is_correct` says of each row."""
        assert self.is_correct is not None
        return InProcessScorer(Verdict(self.is_correct)).score(rows, key)

    def close(self) -> None:
        """Do nothing: there is nothing to release."""


@dataclass(frozen=True)
class MixedScorer:
    """Several rewards with weights, of which the trainer calls some itself."""

    weighted: WeightedRewards
    pool: RewardPool
    """Has the other ones, in order."""

    def score(self, rows: Sequence[RewardRow], key: RewardKey) -> list[Score]:
        """Return one Score a row, in order."""
        others = iter(self.pool.score_members(rows, key))
        own = [
            InProcessScorer(function).score(rows, key) if declares(function, "in_trainer") else next(others)
            for function in self.weighted.functions
        ]
        return self.weighted.combine(own)

    def judge(self, rows: Sequence[RewardRow], key: RewardKey) -> list[Score]:
        """Return what `is_correct` says of each row."""
        return self.pool.judge(rows, key)

    def close(self) -> None:
        """End the workers."""
        self.pool.close()


def open_scorer(
    function: Callable[..., Any] | WeightedRewards,
    is_correct: Callable[..., Any] | None = None,
    *,
    workers: int | None = None,
    num_trainers: int = 1,
    timeout_s: float = 10.0,
    memory_gib: float | None = 4.0,
    give_up: bool = True,
) -> Scorer:
    """Return what calls a reward.

    Args:
        function: a reward of any form, or several with weights.
        is_correct: the task's verdict, for `judge`.
        workers: processes that call it; 0: the trainer does. None: a worker a core of this machine, shared out over
            the processes that train on it, but the trainer for rewards that declare `in_trainer`.
        num_trainers: processes that train on this machine.
        timeout_s, memory_gib: limits of a call, see `RewardPool`.
        give_up: raise RewardError when the first `GIVE_UP_AFTER` calls all hang or end their worker.

    Raises ConfigError when the reward cannot be sent to a worker or loaded there.
    """
    if workers is None and not hasattr(os, "fork"):
        workers = 0  # there are no such workers on this system
    members = function.functions if isinstance(function, WeightedRewards) else [function]
    own = [workers is None and declares(member, "in_trainer") for member in members]
    if workers == 0 or all(own):
        return InProcessScorer(function, is_correct)
    pooled = function
    if any(own):
        pooled = WeightedRewards([member for member, stays in zip(members, own, strict=True) if not stays])
    pool = RewardPool(
        pooled,
        is_correct=is_correct,
        workers=workers or max(1, num_cores() // num_trainers),
        timeout_s=timeout_s,
        memory_gib=memory_gib,
        give_up_after=GIVE_UP_AFTER if give_up else None,
    )
    return MixedScorer(function, pool) if isinstance(function, WeightedRewards) and any(own) else pool


def first_of_equal(rows: Sequence[RewardRow]) -> list[int]:
    """Return for each row the number of the first row with an equal prompt and completion and the very same columns."""
    seen: dict[tuple[str, str, int], int] = {}
    numbers: list[int] = []
    for number, row in enumerate(rows):
        prompt = row.prompt if isinstance(row.prompt, str) else repr(row.prompt)
        numbers.append(seen.setdefault((prompt, row.completion, id(row.columns)), number))
    return numbers
