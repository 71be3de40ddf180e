"""One self-contained page about several runs: the question, final scores, curves, verdicts, completions, cost."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import matplotlib
from markupsafe import Markup

from formalrl.errors import ConfigError
from formalrl.experiments.comparison.charts import (
    Drawing,
    curve_drawings,
    legend,
    plane_drawings,
    trade_drawings,
)
from formalrl.experiments.comparison.curves import Band, Curve, bands, cut_notes
from formalrl.experiments.comparison.files import write_figures
from formalrl.experiments.comparison.folders import find_runs, not_begun, read_runs
from formalrl.experiments.comparison.grouping import Comparison, compare
from formalrl.experiments.comparison.samples import sample_blocks
from formalrl.experiments.comparison.scores import Outcome, cost, outcomes, shown_metrics
from formalrl.experiments.comparison.wording import question, show_score, what_is_the_same
from formalrl.experiments.plots import STYLE, inline_svg
from formalrl.experiments.report import VERDICT_MARKS, page_environment, run_state, write_page
from formalrl.experiments.settings import reproduce_command
from formalrl.experiments.showing import show_setting
from formalrl.experiments.sweep import read_sweep

CLAIM = "claim.json"
"""Beside the runs of `formalrl reproduce`: what was claimed, and how runs are called."""


@dataclass(frozen=True)
class Findings:
    """Everything that a comparison shows."""

    title: str
    comparison: Comparison
    outcomes: Sequence[Outcome]
    curves: Mapping[Curve, Mapping[str, Band]]
    notes: tuple[str, ...]
    claim: Mapping[str, Any] = field(default_factory=dict)


def write_comparison(paths: Sequence[str | Path], output: str | Path | None = None) -> tuple[Path, Findings]:
    """Write the page about all runs in `paths`, with its `figures` folder beside it, and return its path and content.

    Args:
        paths: run folders, or folders that hold such.
        output: the page; None: `report.html` in the one folder of `paths`.

    Raises ConfigError where there is no run.
    """
    page = Path(output).expanduser() if output is not None else Path(paths[0]).expanduser() / "report.html"
    found = findings(paths, title=page.resolve().parent.name)
    drawn = drawings(found)
    page.parent.mkdir(parents=True, exist_ok=True)
    write_figures(page.parent / "figures", found.comparison, found.outcomes, found.curves, drawn)
    return write_page(page, render(found, drawn)), found


def findings(paths: Sequence[str | Path], title: str = "comparison") -> Findings:
    """Return what the runs in `paths` came to. Raises ConfigError where there is no run."""
    claim = read_claim(paths[0]) if len(paths) == 1 else {}
    names = {Path(paths[0], run).resolve(): name for run, name in dict(claim.get("runs", {})).items()}
    names = names or (sweep_names(Path(paths[0]).expanduser()) if len(paths) == 1 else {})
    comparison = compare(read_runs(find_runs(paths)), names)
    found, notes = outcomes(comparison)
    curves = bands({setting.name: setting.runs for setting in comparison.settings})
    silent = [f"{folder} has settings, but no step of a run yet: it is left out" for folder in not_begun(paths)]
    notes = (*comparison.notes, *silent, *notes, *cut_notes(curves))
    return Findings(title, comparison, found, curves, notes, claim)


def read_claim(folder: str | Path) -> dict[str, Any]:
    """Return what `formalrl reproduce` noted in a folder, nothing where it did not."""
    path = Path(folder).expanduser() / CLAIM
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def sweep_names(folder: Path) -> dict[Path, str]:
    """Return run folder -> what a sweep's file calls its setting; nothing where it gives no names."""
    try:
        sweep = read_sweep(folder)
    except ConfigError:  # no sweep
        return {}
    return {run.folder.resolve(): run.setting.name for run in sweep.runs(folder)} if sweep.named else {}


def drawings(found: Findings) -> list[Drawing]:
    """Return every figure: planes first, then the price of the reward, then curves."""
    comparison = found.comparison
    planes = plane_drawings(comparison, found.outcomes)
    return [*planes, *trade_drawings(comparison, found.outcomes), *curve_drawings(comparison, found.curves)]


def render(found: Findings, drawn: Sequence[Drawing]) -> str:
    """Return the page. Everything that a model or a task wrote is shown as text, never as markup."""
    environment = page_environment()
    environment.filters["short"] = show_score
    comparison = found.comparison
    with matplotlib.rc_context(STYLE):
        figures = [(d, Markup(inline_svg(d.draw(), d.name, d.title, d.description))) for d in drawn]
    return environment.get_template("comparison.html.j2").render(
        title=found.title,
        comparison=comparison,
        claim=found.claim,
        question=question(comparison),
        outcomes=found.outcomes,
        by_key=bool(comparison.keys) and not comparison.is_named,
        metrics=shown_metrics(found.outcomes),
        figures=figures,
        legend=legend(comparison),
        is_one_seed=all(len(setting.runs) == 1 for setting in comparison.settings),
        verdicts=_verdicts(found),
        marks=VERDICT_MARKS,
        blocks=sample_blocks(comparison),
        costs=[(setting, cost(setting)) for setting in comparison.settings],
        same=what_is_the_same(comparison),
        commands=[(setting, reproduce_command(setting.runs[0])) for setting in comparison.settings],
        notes=found.notes,
    )


def _verdicts(found: Findings) -> list[dict[str, Any]]:
    """One row a run, for the table of all runs."""
    return [
        {
            "setting": setting.name,
            "seed": show_setting(run.config.get("seed", "?")),
            "verdict": str(run.last_eval.get("verdict", "unknown")),
            "reward": run.last_eval.get("reward"),
            "accuracy": run.last_eval.get("accuracy"),
            "sentence": run.last_eval.get("verdict_sentence") or run_state(run),
            "state": run_state(run),
        }
        for setting in found.comparison.settings
        for run in setting.runs
    ]


def summary(found: Findings) -> dict[str, Any]:
    """Return the table as plain data: what differs, and of every setting its scores with their intervals."""
    return {
        "question": question(found.comparison),
        "keys": list(found.comparison.keys),
        "also_differ": list(found.comparison.along),
        "settings": [
            {
                "name": outcome.setting.name,
                "values": dict(outcome.setting.values),
                "seeds": [run.config.get("seed") for run, _ in outcome.judged],
                "unfinished": [str(run.path) for run in outcome.left_out],
                "scores": {key: _plain(interval) for key, interval in outcome.scores.items()},
                "collapsed": None if outcome.collapsed is None else _plain(outcome.collapsed),
            }
            for outcome in found.outcomes
        ],
        "notes": list(found.notes),
    }


def _plain(interval: Any) -> dict[str, Any]:
    low, high = (None if math.isnan(bound) else bound for bound in (interval.low, interval.high))
    return {"value": interval.value, "low": low, "high": high, "n": interval.n}
