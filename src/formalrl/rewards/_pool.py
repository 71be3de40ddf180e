"""Score rows in worker processes that can be killed: a reward that hangs, crashes or eats memory costs its own row.

    with RewardPool(reward, timeout_s=10) as pool:
        scores = pool.score(rows, RewardKey(seed=0, step=1))

The trainer starts one keeper (a fresh interpreter without torch), which forks the workers and ends them with all that
they started, also when the trainer is killed. A worker reports each row at once, so the row at fault is known.
"""

import os
import threading
from collections.abc import Callable, Sequence
from typing import Any

from formalrl.errors import ConfigError, RewardError
from formalrl.rewards._fleet import Fleet, Limits
from formalrl.rewards._jobs import Jobs, Pace
from formalrl.rewards._payload import Payload, fingerprint
from formalrl.rewards.cache import Lookup, ScoreCache
from formalrl.rewards.call import RewardKey, Verdict
from formalrl.rewards.signature import RewardRow, scores_repeat
from formalrl.rewards.weighted import WeightedRewards
from formalrl.types import Score


class RewardPool:
    """A Scorer with worker processes. Close it, or use it as a context manager."""

    def __init__(
        self,
        function: Callable[..., Any] | WeightedRewards,
        *,
        is_correct: Callable[..., Any] | None = None,
        workers: int | None = None,
        timeout_s: float = 10.0,
        memory_gib: float | None = 4.0,
        max_output_bytes: int = 1 << 20,
        start_timeout_s: float = 120.0,
        give_up_after: int | None = None,
    ) -> None:
        """Start the workers and wait until the first has loaded the reward.

        Args:
            function: a reward of any form, or several with weights.
            is_correct: the task's verdict, for `judge`.
            workers: how many processes; as many as this process may use cores when None.
            timeout_s: seconds that one call may take, of the wall clock; then its worker is killed and replaced.
            memory_gib: address space of a worker, in GiB; None for no limit (a reward that starts a JVM, say).
            max_output_bytes: what one call may print before its worker is killed.
            start_timeout_s: seconds that loading the reward may take.
            give_up_after: calls that may hang or end their worker before the first that gives a score; None: any.

        Raises ConfigError when the reward cannot be sent to a worker or loaded there.
        """
        if timeout_s <= 0 or (workers is not None and workers < 1):
            raise ConfigError(f"a reward pool has {workers!r} workers and {timeout_s!r} s: both must be above 0.")
        self._weighted = function if isinstance(function, WeightedRewards) else None
        self._functions = list(function.functions) if isinstance(function, WeightedRewards) else [function]
        self._num_members = len(self._functions)
        self._functions += [] if is_correct is None else [Verdict(is_correct)]
        self._digests = [fingerprint(f) if scores_repeat(f) else None for f in self._functions]
        self._paces = [Pace() for _ in self._functions]
        self.cache = ScoreCache()
        """Scores of deterministic rewards."""
        self._lock = threading.Lock()
        self._closed = False
        memory_bytes = None if memory_gib is None else int(memory_gib * (1 << 30))
        limits = Limits(timeout_s, start_timeout_s, memory_bytes, max_output_bytes, give_up_after)
        self._fleet = Fleet(Payload.of(self._functions), workers or num_cores(), limits)
        try:
            self._fleet.wait_for_one()
        except BaseException:
            self.close()
            raise

    @property
    def num_workers(self) -> int:
        """How many worker processes there are."""
        return self._fleet.num_workers

    @property
    def num_restarts(self) -> int:
        """How many workers were replaced so far."""
        return self._fleet.num_restarts

    @property
    def keeper_pid(self) -> int:
        """The process id of the keeper, the parent of all workers."""
        return self._fleet.keeper.process.pid

    def score(self, rows: Sequence[RewardRow], key: RewardKey) -> list[Score]:
        """Return one Score a row, in order.

        Raises RewardError when the pool is closed, when new workers can no longer load the reward, or when the first
        `give_up_after` calls were all in vain.
        """
        scores = self.score_members(rows, key)
        return self._weighted.combine(scores) if self._weighted else scores[0]

    def score_members(self, rows: Sequence[RewardRow], key: RewardKey) -> list[list[Score]]:
        """Return, for each of several rewards, one Score a row. Raises as `score` does."""
        return self._work(range(self._num_members), rows, key)

    def judge(self, rows: Sequence[RewardRow], key: RewardKey) -> list[Score]:
        """Return what `is_correct` says of each row, 1 or 0. Raises as `score` does."""
        return self._work(range(self._num_members, len(self._functions)), rows, key)[0]

    def _work(self, asked: range, rows: Sequence[RewardRow], key: RewardKey) -> list[list[Score]]:
        if self._closed:
            raise RewardError("the reward pool is closed: make a new one.")
        with self._lock:
            lookups = {number: Lookup(self.cache, self._digests[number], rows) for number in asked}
            wanted = [lookups[number].wanted if number in asked else [] for number in range(len(self._functions))]
            jobs = Jobs(self._functions, self._paces, wanted, groups_of(rows))
            try:
                self._fleet.work(jobs, rows, key)
            except BaseException:  # Ctrl-C above all: what is under way belongs to no call any more
                self._fleet.abandon()
                raise
        return [lookup.fill(jobs.scores[number]) for number, lookup in lookups.items()]

    def close(self) -> None:
        """End all workers with everything they started; it may be called twice."""
        self._closed = True
        self._fleet.close()

    def __enter__(self) -> "RewardPool":
        """Return the pool."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the pool."""
        self.close()


def groups_of(rows: Sequence[RewardRow]) -> list[int]:
    """Return a number for each row that rises where the prompt is another than that of the row before."""
    groups, number = [], 0
    for place, row in enumerate(rows):
        number += place > 0 and row.prompt != rows[place - 1].prompt
        groups.append(number)
    return groups


def num_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
