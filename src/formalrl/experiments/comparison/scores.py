"""Final scores of settings over their seeds, with intervals; how often they collapsed; what they cost."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from formalrl.experiments.comparison.grouping import Comparison, Setting
from formalrl.experiments.plots import series
from formalrl.experiments.runs import Row, RunFolder
from formalrl.experiments.statistics import Interval, mean_interval, share

FINAL = (
    ("accuracy", "Accuracy"),
    ("reward", "Reward"),
    ("entropy", "Entropy"),
    ("batch_entropy", "Batch entropy"),
    ("prompt_dependence", "Prompt dependence"),
    ("num_distinct", "Distinct answers"),
    ("kl_ref", "KL to the reference"),
    ("ref_perplexity", "Reference perplexity"),
    ("distinct_2", "Distinct pairs"),
    ("repeated_phrase_fraction", "One repeated phrase"),
)
"""Metrics of an evaluation that are compared, and their names for people."""


@dataclass(frozen=True)
class Outcome:
    """What the seeds of one setting came to."""

    setting: Setting
    judged: tuple[tuple[RunFolder, Row], ...]
    """The runs that count, each with the evaluation that counts."""
    left_out: tuple[RunFolder, ...]
    """Runs that are not finished while others are."""
    scores: Mapping[str, Interval]
    """Metric of FINAL -> mean over seeds, where every judged run has it."""
    collapsed: Interval | None
    """Share of seeds that collapsed, of those with a verdict; None without any."""


def finished(run: RunFolder) -> bool:
    """Return whether a run has made all its steps and evaluated the policy after the last one."""
    wanted = run.config.get("max_steps")
    return bool(run.evals) and isinstance(wanted, int) and int(run.last_eval["step"]) >= wanted


def outcomes(comparison: Comparison) -> tuple[list[Outcome], list[str]]:
    """Return the outcome of every setting, and what a reader must know about which evaluations count.

    Of finished runs the last evaluation counts, and runs that are not finished are left out. Where no run is finished,
    the last evaluation that all runs have counts.
    """
    runs = comparison.runs
    done = [run for run in runs if finished(run)]
    if done:
        rows = {run.path: run.last_eval for run in done}
        late = [run for run in runs if run.path not in rows]
        notes = [f"{len(late)} of {len(runs)} runs are not finished and left out of final scores"] if late else []
        steps = sorted({int(row["step"]) for row in rows.values()})
        if len(steps) > 1:
            notes.append(f"final scores are taken after different numbers of steps: {', '.join(map(str, steps))}")
    else:
        rows, notes = _at_the_last_common_step(runs)
    return [_outcome(setting, rows) for setting in comparison.settings], notes


def _at_the_last_common_step(runs: Sequence[RunFolder]) -> tuple[dict[Any, Row], list[str]]:
    common = set.intersection(*({int(row["step"]) for row in run.evals} for run in runs))
    if not common:
        return {}, ["no run is finished, and there is no step at which all were evaluated: there are no scores yet"]
    step = max(common)
    rows = {run.path: next(row for row in run.evals if int(row["step"]) == step) for run in runs}
    return rows, [f"no run is finished: scores are those of step {step}, the last at which all runs were evaluated"]


def _outcome(setting: Setting, rows: Mapping[Any, Row]) -> Outcome:
    judged = tuple((run, rows[run.path]) for run in setting.runs if run.path in rows)
    scores = {}
    for key, _ in FINAL:
        values = [row.get(key) for _, row in judged]
        if values and all(_is_finite(value) for value in values):
            scores[key] = mean_interval([float(value) for value in values if value is not None])
    verdicts = [row.get("verdict") for _, row in judged if row.get("verdict") not in (None, "unknown")]
    collapsed = share([verdict == "collapsed" for verdict in verdicts]) if verdicts else None
    left_out = tuple(run for run in setting.runs if run.path not in rows)
    return Outcome(setting, judged, left_out, scores, collapsed)


def _is_finite(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def cost(setting: Setting) -> dict[str, Any]:
    """Return steps, completions, seconds of all steps (means over runs) and the highest memory of a setting's runs."""
    steps = [run.last_step for run in setting.runs]
    seconds = [math.fsum(v for _, v in series(run.metrics, "time/step_s")) for run in setting.runs]
    completions = [math.fsum(v for _, v in series(run.metrics, "completions/count")) for run in setting.runs]
    memory = [v for run in setting.runs for _, v in series(run.metrics, "memory/peak_gib")]
    count = len(setting.runs)
    return {
        "steps": sum(steps) / count,
        "completions": sum(completions) / count,
        "seconds": sum(seconds) / count,
        "total_seconds": sum(seconds),
        "memory_gib": max(memory, default=None),
    }


def shown_metrics(found: Sequence[Outcome]) -> list[tuple[str, str]]:
    """Return those of FINAL that any setting has."""
    return [(key, name) for key, name in FINAL if any(key in outcome.scores for outcome in found)]
