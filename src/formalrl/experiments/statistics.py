"""Scores of several seeds in one number with its interval: averages, improvement, profiles, shares.

Intervals are percentile bootstraps that resample the seeds of each task by themselves, as arXiv 2108.13264 (section 4)
asks of few runs, with `scipy.stats.bootstrap`; a share has Wilson's interval. Every draw is keyed by `seed`, so equal
scores in equal order give equal intervals.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from formalrl.errors import ConfigError

NUM_RESAMPLES = 9999
CONFIDENCE = 0.95
_MAX_COMPARED = 10_000_000
"""Pairs of scores that are compared at once."""
Scores = Sequence[float] | np.ndarray
Strata = Mapping[str, Scores]
"""Task (or another stratum) -> its scores, a seed each."""


@dataclass(frozen=True)
class Interval:
    """A number computed from several runs, and how far it can be trusted."""

    value: float
    low: float
    """NaN where too few runs stand behind the number for an interval."""
    high: float
    n: int
    """Runs behind the number."""

    def text(self, digits: int = 3) -> str:
        """Return `0.991 (0.988 to 0.994)`, or `0.991 (one seed)` where no interval can be claimed."""
        if math.isnan(self.low):
            return f"{self.value:.{digits}f} ({'one seed' if self.n == 1 else 'no interval'})"
        return f"{self.value:.{digits}f} ({self.low:.{digits}f} to {self.high:.{digits}f})"

    def __str__(self) -> str:
        return self.text()


def mean_interval(scores: Scores, seed: int = 0, confidence: float = CONFIDENCE) -> Interval:
    """Return the mean over seeds. Raises ConfigError for no scores or one that is no number, as all do here."""
    return _bootstrapped([_checked(scores)], _mean, seed, confidence)


def median_interval(scores: Scores, seed: int = 0, confidence: float = CONFIDENCE) -> Interval:
    """Return the median over seeds."""
    return _bootstrapped([_checked(scores)], _median, seed, confidence)


def iqm_interval(scores: Scores, seed: int = 0, confidence: float = CONFIDENCE) -> Interval:
    """Return the interquartile mean: of the scores without the lowest and the highest floor(n / 4)."""
    return _bootstrapped([_checked(scores)], _iqm, seed, confidence)


def stratified_iqm(scores_by_stratum: Strata, seed: int = 0, confidence: float = CONFIDENCE) -> Interval:
    """Return the interquartile mean over all runs of all tasks; seeds are resampled within each task."""
    return _bootstrapped(_samples(scores_by_stratum), _iqm, seed, confidence)


def probability_of_improvement(
    x: Scores | Strata, y: Scores | Strata, seed: int = 0, confidence: float = CONFIDENCE
) -> Interval:
    """Return P(X > Y) + P(X = Y) / 2 for a run of each: the Mann-Whitney U of x over its maximum, averaged over tasks.

    See arXiv 2108.13264, section 4.3. Where every x lies above every y the interval is (1, 1), which two seeds of each
    reach by chance in one case of six.

    Args:
        x: scores of the one setting, a seed each, or tasks with theirs.
        y: those of the other, with the same tasks.
    """
    if isinstance(x, Mapping) != isinstance(y, Mapping) or (isinstance(x, Mapping) and set(x) != set(y)):
        raise ConfigError(
            "x and y do not hold the same tasks, so they cannot be compared: give scores of both on each."
        )
    ours, theirs = _samples(x), _samples(y)
    pairs = sum(a.size * b.size for a, b in zip(ours, theirs, strict=True))

    def improvement(*samples: np.ndarray, axis: int = -1) -> Any:
        half = len(samples) // 2
        shares = [_share_above(a, b) for a, b in zip(samples[:half], samples[half:], strict=True)]
        return np.mean(shares, axis=0)

    found = _bootstrapped([*ours, *theirs], improvement, seed, confidence, batch=max(1, _MAX_COMPARED // pairs))
    if min(max(a.size for a in ours), max(b.size for b in theirs)) == 1:
        return Interval(found.value, math.nan, math.nan, found.n)
    return found


def performance_profile(
    scores: Scores | Strata, thresholds: Scores, seed: int = 0, confidence: float = CONFIDENCE
) -> tuple[Interval, ...]:
    """Return the share of runs whose score is above each threshold (arXiv 2108.13264, section 4.2).

    Intervals hold for each threshold by itself, not for the whole curve.
    """
    samples = _samples(scores)

    def above(threshold: float) -> Callable[..., Any]:
        return lambda *parts, axis=-1: np.mean(np.concatenate(parts, axis=axis) > threshold, axis=axis)

    return tuple(_bootstrapped(samples, above(float(t)), seed, confidence) for t in _checked(thresholds, "threshold"))


def share(flags: Sequence[bool], confidence: float = CONFIDENCE) -> Interval:
    """Return the share of true flags, such as of runs that collapsed, with Wilson's interval for a proportion."""
    if not len(flags):
        raise ConfigError("there are no flags, so there is no share: give one of each run.")
    strange = [flag for flag in flags if not isinstance(flag, bool | np.bool_)]
    if strange:
        raise ConfigError(f"a flag is {strange[0]!r}, not true or false: leave out the runs of which it is unknown.")
    count, n = sum(map(bool, flags)), len(flags)
    if n == 1:
        return Interval(float(count), math.nan, math.nan, 1)
    bounds = stats.binomtest(count, n).proportion_ci(confidence, method="wilson")
    return Interval(count / n, float(bounds.low), float(bounds.high), n)


def _mean(*samples: np.ndarray, axis: int = -1) -> Any:
    return np.mean(np.concatenate(samples, axis=axis), axis=axis)


def _median(*samples: np.ndarray, axis: int = -1) -> Any:
    return np.median(np.concatenate(samples, axis=axis), axis=axis)


def _iqm(*samples: np.ndarray, axis: int = -1) -> Any:
    return stats.trim_mean(np.concatenate(samples, axis=axis), 0.25, axis=axis)


def _share_above(x: np.ndarray, y: np.ndarray) -> Any:
    """P(x > y) + P(x = y) / 2 over all pairs of the last axes: `[R, n]`, `[R, m]` -> `[R]`."""
    x, y = x[..., :, None], y[..., None, :]
    return ((x > y) + 0.5 * (x == y)).mean(axis=(-2, -1))


def _bootstrapped(
    samples: Sequence[np.ndarray], statistic: Callable[..., Any], seed: int, confidence: float, batch: int | None = None
) -> Interval:
    """The statistic of the samples, each resampled by itself; no interval where each holds a single score."""
    value, n = float(statistic(*samples, axis=-1)), sum(sample.size for sample in samples)
    several = [sample for sample in samples if sample.size > 1]
    if not several:
        return Interval(value, math.nan, math.nan, n)

    def of_resampled(*drawn: np.ndarray, axis: int = -1) -> Any:
        rest, shape = iter(drawn), drawn[0].shape[:-1]
        return statistic(*(next(rest) if s.size > 1 else np.broadcast_to(s, (*shape, 1)) for s in samples), axis=axis)

    rng = np.random.default_rng(seed)
    settings = {"confidence_level": confidence, "method": "percentile", "vectorized": True, "rng": rng, "batch": batch}
    bounds = stats.bootstrap(several, of_resampled, n_resamples=NUM_RESAMPLES, **settings).confidence_interval
    return Interval(value, float(bounds.low), float(bounds.high), n)


def _samples(scores: Scores | Strata) -> list[np.ndarray]:
    """The scores of every stratum, by its name: the order in which they were given changes nothing."""
    if not isinstance(scores, Mapping):
        return [_checked(scores)]
    if not scores:
        raise ConfigError("there are no scores, so there is nothing to average: give those of one task or more.")
    return [_checked(scores[name], f"score of {name}") for name in sorted(scores)]


def _checked(scores: Scores, what: str = "score") -> np.ndarray:
    values = np.asarray(scores, dtype=float)
    if values.ndim != 1 or not values.size:
        found = "none is given" if not values.size else f"they have {values.ndim} dimensions"
        raise ConfigError(f"expected one {what} or more in a row, but {found}: give one number a run.")
    bad = np.flatnonzero(~np.isfinite(values))
    if bad.size:
        raise ConfigError(
            f"{what} {bad[0] + 1} of {values.size} is {values[bad[0]]}, which no average can hold: leave that run out,"
            " and say how many are left out."
        )
    return values
