"""Several rewards as one: the weighted sum, with every member as a part of the score."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from formalrl.errors import ConfigError, RewardError
from formalrl.rewards.signature import RewardRow, Text
from formalrl.types import Score


@dataclass(frozen=True)
class WeightedRewards:
    """A weighted sum of rewards, each of any form. Example: `WeightedRewards((exact, brief), (1, 0.2))`.

    A row of which one member failed has failed, with that member's kind of error: a part that is missing is not 0.
    """

    functions: Sequence[Callable[..., Any]]
    weights: Sequence[float] = ()
    """One for each function; 1 for all when empty."""

    def __post_init__(self) -> None:
        if not self.functions:
            raise ConfigError("WeightedRewards has no functions: give at least one.")
        if self.weights and len(self.weights) != len(self.functions):
            raise ConfigError(
                f"WeightedRewards has {len(self.functions)} functions and {len(self.weights)} weights:"
                " give one for each."
            )

    def __call__(self, prompt: Text, completion: str, **columns: Any) -> dict[str, float]:
        """Return the weighted sum of one completion, as `reward`, and its parts. Raises RewardError where one fails."""
        from formalrl.rewards.call import score_rows  # which knows of weighted rewards

        score = score_rows(self, [RewardRow(prompt, completion, columns)])[0]
        if score.reward is None:
            raise RewardError(f"a reward failed ({score.error}): {score.detail}")
        return {"reward": score.reward, **score.parts}

    def names(self) -> list[str]:
        """Return a distinct name for each function, used for the parts of the score."""
        names: list[str] = []
        for function in self.functions:
            name = getattr(function, "__name__", type(function).__name__)
            names.append(name if name not in names else f"{name}_{len(names)}")
        return names

    def combine(self, scores: Sequence[Sequence[Score]]) -> list[Score]:
        """Return the score of each row from those that every function gave, in the order of the functions."""
        return [self._combine_row(row) for row in zip(*scores, strict=True)]

    def _combine_row(self, scores: Sequence[Score]) -> Score:
        total, parts = 0.0, dict[str, float]()
        for name, weight, score in zip(self.names(), self.weights or [1.0] * len(scores), scores, strict=True):
            if score.reward is None:
                return Score(None, score.error, detail=f"{name}: {score.detail}")
            total += weight * score.reward
            parts[name] = score.reward
            parts.update({f"{name}/{part}": value for part, value in score.parts.items()})
        return Score(total, parts=parts)
