"""What a verdict needs of a run: the evaluations before and after training, and the reward of every step."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from formalrl.experiments.comparison.scores import finished
from formalrl.experiments.plots import series
from formalrl.experiments.runs import Row, RunFolder
from formalrl.experiments.statistics import Interval, mean_interval, share


@dataclass(frozen=True)
class SeedResult:
    """One finished run."""

    seed: int
    first: Row
    """The evaluation before training."""
    last: Row
    """The evaluation after the last step."""
    rewards: tuple[tuple[int, float], ...] = ()
    """(step, mean reward of its completions) of every step of training."""


def result_of(run: RunFolder) -> SeedResult | None:
    """Return the result of a run, None while it is not finished."""
    if not finished(run):
        return None
    rewards = tuple((int(step), value) for step, value in series(run.metrics, "reward/mean"))
    return SeedResult(int(run.config.get("seed", 0)), run.evals[0], run.last_eval, rewards)


def last_mean(results: Sequence[SeedResult], key: str) -> Interval:
    """Return the mean over seeds of a metric of the last evaluation. Raises ConfigError where a seed lacks it."""
    return mean_interval([_number(result.last, key) for result in results])


def first_mean(results: Sequence[SeedResult], key: str) -> Interval:
    """Return the same of the evaluation before training."""
    return mean_interval([_number(result.first, key) for result in results])


def collapsed_share(results: Sequence[SeedResult]) -> Interval:
    """Return the share of seeds whose last verdict is `collapsed`."""
    return share([result.last.get("verdict") == "collapsed" for result in results])


def steps_to(result: SeedResult, level: float, width: int) -> int:
    """Return the first step at which the mean reward of the last `width` steps reaches `level`.

    One more than the number of steps where it never does.
    """
    for end in range(width, len(result.rewards) + 1):
        window = [reward for _, reward in result.rewards[end - width : end]]
        if math.fsum(window) / width >= level:
            return result.rewards[end - 1][0]
    return (result.rewards[-1][0] if result.rewards else 0) + 1


def largest_fall(result: SeedResult, width: int) -> float:
    """Return how far the mean reward of `width` steps fell at most below its highest value before: 0 for never."""
    values = [reward for _, reward in result.rewards]
    means = [math.fsum(values[i : i + width]) / width for i in range(len(values) - width + 1)]
    highest, fall = -math.inf, 0.0
    for mean in means:
        highest = max(highest, mean)
        fall = max(fall, highest - mean)
    return fall


def _number(row: Mapping[str, object], key: str) -> float:
    value = row.get(key)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
