"""A curriculum over the levels of a task: harder ones once the policy does well on easier ones, or all at once.

Imports no torch.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from formalrl.errors import ConfigError


@dataclass(frozen=True)
class CurriculumConfig:
    """When the level of difficulty rises, for tasks with `levels()` and `at_level(level)`.

    Training starts at the easiest level. After every step the moving success moves towards the success of that step on
    prompts of its level: m <- m + (success - m) / min(n, window), n the steps at this level so far. Once n >= window
    and m >= advance_at the next level begins. Evaluations ask the task itself, whatever the level.
    """

    advance_at: float | None = None
    """Moving accuracy, or moving mean reward where the task defines none, at which the level rises; none: off."""
    window: int = 10
    """Steps over which success is averaged, and the least that a level lasts; 1 or more."""
    rehearsal: float = 0.2
    """Share of a step's prompts that come from earlier levels, in [0, 1)."""
    mixture: bool = False
    """Ask the prompts of all levels from the first step on, each level alike, instead of one level after the other."""

    def check(self) -> None:
        """Raise ConfigError for values that cannot work."""
        if self.advance_at is not None and not math.isfinite(self.advance_at):
            raise ConfigError(
                f"curriculum.advance_at is {self.advance_at!r}, which no success reaches: set a number, or none."
            )
        if self.mixture and self.advance_at is not None:
            raise ConfigError(
                f"curriculum.mixture asks all levels at once, but curriculum.advance_at is {self.advance_at!r}, which"
                " asks them one after the other: leave one of them out."
            )
        if self.window < 1:
            raise ConfigError(f"curriculum.window is {self.window!r}, but a mean needs a step: set it to 1 or more.")
        if not 0 <= self.rehearsal < 1:
            raise ConfigError(
                f"curriculum.rehearsal is {self.rehearsal!r}, but new prompts need a share too: set it within [0, 1)."
            )

    @property
    def enabled(self) -> bool:
        """True with a success at which the level rises."""
        return self.advance_at is not None

    def num_rehearsed(self, level: int, count: int) -> int:
        """Return how many of `count` prompts come from earlier levels; at least one prompt is of the level itself."""
        return min(int(self.rehearsal * count), count - 1) if level > 0 else 0


def level_of(state: Mapping[str, float]) -> int:
    """Return the position of the level in `levels()`, from 0; an empty state is the easiest level."""
    return int(state.get("level", 0))


def advance(
    config: CurriculumConfig, num_levels: int, state: Mapping[str, float], metrics: Mapping[str, float]
) -> dict[str, float]:
    """Return the state after a step: `level` (from 0), `steps` at it and the moving `success`.

    Reads `curriculum/success` of the step; a step without it (all reward calls failed) moves nothing.
    """
    success = metrics.get("curriculum/success", math.nan)
    if not config.enabled or not math.isfinite(success):
        return dict(state)
    assert config.advance_at is not None, "an enabled curriculum has a threshold"
    level, steps, moving = level_of(state), state.get("steps", 0) + 1, state.get("success", 0.0)
    moving += (success - moving) / min(steps, config.window)
    if steps >= config.window and moving >= config.advance_at and level + 1 < num_levels:
        return {"level": level + 1, "steps": 0, "success": 0.0}
    return {"level": level, "steps": steps, "success": moving}
