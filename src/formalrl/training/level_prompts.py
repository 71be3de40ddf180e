"""The prompts of a curriculum's levels: which ones a step asks, and how well the policy does on the newest level."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, overload

import numpy as np
import torch

from formalrl.errors import ConfigError
from formalrl.training.engine import Engine
from formalrl.training.rollouts import Rollouts
from formalrl.types import Prompt, Task

_REHEARSAL_STREAM = 4


def prompts_by_level(task: Task) -> list[Sequence[Prompt]]:
    """Return the training prompts of every level of the task, easiest first. Raises ConfigError where it has none."""
    return [task.at_level(level).train_prompts() for level in levels_of(task)]  # pyright: ignore[reportAttributeAccessIssue]


@dataclass(frozen=True)
class Mixture(Sequence[Prompt]):
    """The prompts of all levels as one sequence, a prompt of each level in turn; shorter levels begin again."""

    levels: Sequence[Sequence[Prompt]]

    def __len__(self) -> int:
        return len(self.levels) * max(map(len, self.levels))

    @overload
    def __getitem__(self, index: int) -> Prompt: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Prompt]: ...
    def __getitem__(self, index: int | slice) -> Prompt | Sequence[Prompt]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        round_, level = divmod(range(len(self))[index], len(self.levels))
        return self.levels[level][round_ % len(self.levels[level])]


def levels_of(task: Task) -> list[Any]:
    """Return the levels of difficulty of a task, easiest first.

    Raises:
        ConfigError: the task has none, or only one.
    """
    levels = getattr(task, "levels", None)
    known = list(levels()) if levels is not None and hasattr(task, "at_level") else []
    if len(known) < 2:
        found = "only one level" if known else "no levels"
        raise ConfigError(
            f"curriculum.advance_at or curriculum.mixture is set, but this task has {found} of difficulty:"
            " define levels() and at_level(level) in it, or leave the curriculum out."
        )
    return known


def at_level(engine: Engine, level: int) -> Engine:
    """Return the engine whose training prompts are those of `level` (from 0); unchanged without a curriculum."""
    if not engine.level_prompts:
        return engine
    return replace(engine, train_prompts=engine.level_prompts[level], level_prompts=engine.level_prompts[: level + 1])


def rehearsed(engine: Engine, step: int, sampling_round: int, count: int) -> list[Prompt]:
    """Return the prompts from earlier levels among the `count` of a round: a level alike, then a prompt of it."""
    earlier = engine.level_prompts[:-1]
    number = engine.config.curriculum.num_rehearsed(len(earlier), count)
    if not earlier or number == 0:
        return []
    generator = np.random.default_rng([engine.config.seed, _REHEARSAL_STREAM, step, sampling_round])
    chosen = [earlier[int(level)] for level in generator.integers(len(earlier), size=number)]
    return [prompts[int(generator.integers(len(prompts)))] for prompts in chosen]


def level_metrics(engine: Engine, rollouts: Rollouts) -> dict[str, float]:
    """Return `curriculum/level` and `curriculum/success` of a step: accuracy, or mean reward where there is none.

    Counted are the first round's prompts of the level itself, which stand before those rehearsed; so neither dynamic
    sampling nor rehearsal flatters it. Empty without a curriculum.
    """
    if not engine.level_prompts:
        return {}
    level, count = len(engine.level_prompts) - 1, engine.config.prompts_per_step
    own = rollouts.prompt_index < count - engine.config.curriculum.num_rehearsed(level, count)
    rows = torch.nonzero(own).flatten().tolist()
    judged = [flag for flag in (rollouts.correct[row] for row in rows) if flag is not None]
    rewards = rollouts.rewards()[own]
    scored = rewards[~torch.isnan(rewards)]
    metrics = {"curriculum/level": float(level)}
    if judged:
        metrics["curriculum/success"] = sum(judged) / len(judged)
    elif len(scored):
        metrics["curriculum/success"] = float(scored.mean())
    return metrics
