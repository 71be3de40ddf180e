"""Curves over several seeds: the mean and its interval at the steps that all seeds have, and at no others."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from formalrl.experiments.plots import series
from formalrl.experiments.runs import RunFolder
from formalrl.experiments.statistics import Interval, mean_interval

MAX_POINTS = 30
"""Steps of training are averaged within each run over windows, so that a curve has at most so many points."""


@dataclass(frozen=True)
class Curve:
    """Which metric is drawn, and how."""

    name: str
    title: str
    source: str
    """`metrics` (a row a step) or `evals`."""
    key: str
    unit: str = ""
    is_log: bool = False
    limits: tuple[float, float] | None = field(default=None)


CURVES = (
    Curve("reward", "Reward of training steps", "metrics", "reward/mean"),
    Curve("eval_reward", "Reward on held-out prompts", "evals", "reward"),
    Curve("accuracy", "Accuracy of training steps", "metrics", "train/accuracy", "fraction", limits=(0.0, 1.0)),
    Curve("eval_accuracy", "Accuracy on held-out prompts", "evals", "accuracy", "fraction", limits=(0.0, 1.0)),
    Curve("entropy", "Entropy", "metrics", "policy/entropy", "nats a token"),
    Curve("batch_entropy", "Batch entropy", "metrics", "policy/batch_entropy", "nats a token"),
    Curve("dependence", "Prompt dependence", "evals", "prompt_dependence", "fraction", limits=(0.0, 1.0)),
    Curve("kl", "KL to the reference", "metrics", "policy/kl_ref", "nats a token"),
    Curve("perplexity", "Perplexity under the reference", "evals", "ref_perplexity", "", is_log=True),
)


@dataclass(frozen=True)
class Band:
    """Mean of the seeds and its 95 % interval, step by step."""

    points: tuple[tuple[int, Interval], ...]
    last_seen: int
    """The last step that any seed has: the curve ends before it where seeds are of different lengths."""

    @property
    def is_cut(self) -> bool:
        """Whether some seed goes on after the last step that all have."""
        return self.points[-1][0] < self.last_seen


def band(runs: Sequence[RunFolder], source: str, key: str) -> Band | None:
    """Return the curve of a metric over runs, None when there is no step at which all of them have it.

    Nothing is interpolated or carried on: a step that one run lacks is left out.
    """
    found = [{int(s): v for s, v in series(getattr(run, source), key)} for run in runs]
    common = sorted(set.intersection(*map(set, found))) if found else []
    if not common:
        return None
    size = math.ceil(len(common) / MAX_POINTS) if source == "metrics" else 1
    first = len(common) % size or size  # a window that is not full stands at the start, where nobody compares
    windows = [common[:first], *(common[i : i + size] for i in range(first, len(common), size))]
    points = [(w[-1], mean_interval([math.fsum(run[s] for s in w) / len(w) for run in found])) for w in windows]
    return Band(tuple(points), max(step for run in found for step in run))


def bands(settings: Mapping[str, Sequence[RunFolder]]) -> dict[Curve, dict[str, Band]]:
    """Return for every curve that some setting has the bands of those that have it: setting's name -> band."""
    found = {}
    for curve in CURVES:
        of_settings = {name: band(runs, curve.source, curve.key) for name, runs in settings.items()}
        drawn = {name: b for name, b in of_settings.items() if b is not None}
        if any(len(b.points) > 1 for b in drawn.values()):
            found[curve] = drawn
    return found


def cut_notes(found: Mapping[Curve, Mapping[str, Band]]) -> list[str]:
    """Return what to say of curves that end before their longest seed does."""
    cut: dict[str, set[int]] = {}
    for of_settings in found.values():
        for name, one in of_settings.items():
            if one.is_cut:
                cut.setdefault(name, set()).add(one.points[-1][0])
    return [
        f"{name}: its runs are of different lengths; curves are means of all its seeds, so they end with the shortest,"
        f" at step {', '.join(map(str, sorted(steps)))}"
        for name, steps in cut.items()
    ]
