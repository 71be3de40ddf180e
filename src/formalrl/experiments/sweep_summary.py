"""What a sweep came to: every run, and every setting with intervals over its seeds, as JSON and CSV."""

import csv
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from formalrl.experiments.statistics import Interval, iqm_interval, mean_interval, share
from formalrl.experiments.sweep_runs import DONE, FAILED, RunStatus, train_seconds

SUMMARY, SETTINGS_CSV, RUNS_CSV = "summary.json", "summary.csv", "runs.csv"
SCORES = ("accuracy", "reward")
"""Numbers of the last evaluation that are averaged over seeds."""
COLLAPSED = "collapsed"


@dataclass(frozen=True)
class SettingSummary:
    """A setting over its finished seeds."""

    name: str
    changes: Mapping[str, Any]
    seeds: tuple[int, ...]
    """Of the finished runs."""
    num_runs: int
    num_failed: int
    scores: Mapping[str, Interval] = field(default_factory=dict)
    """Score -> its mean; without the scores that some run lacks."""
    iqm: Mapping[str, Interval] = field(default_factory=dict)
    """The same as interquartile means."""
    collapsed: Interval | None = None
    """Share of the seeds whose last verdict is "collapsed"; None where no run has a verdict."""


def summarize(statuses: Sequence[RunStatus]) -> list[SettingSummary]:
    """Return a summary of every setting, in the order of the sweep."""
    names = dict.fromkeys(status.run.setting.name for status in statuses)
    return [_summary_of([status for status in statuses if status.run.setting.name == name]) for name in names]


def _summary_of(statuses: Sequence[RunStatus]) -> SettingSummary:
    done = sorted((status for status in statuses if status.state == DONE), key=lambda status: status.run.seed)
    values = {name: [_number(status.evaluation.get(name)) for status in done] for name in SCORES}
    whole = {name: found for name, found in values.items() if found and all(map(math.isfinite, found))}
    verdicts = [status.evaluation.get("verdict") for status in done]
    known = [verdict == COLLAPSED for verdict in verdicts if verdict not in (None, "unknown")]
    setting = statuses[0].run.setting
    return SettingSummary(
        name=setting.name,
        changes=setting.changes,
        seeds=tuple(status.run.seed for status in done),
        num_runs=len(statuses),
        num_failed=sum(status.state == FAILED for status in statuses),
        scores={name: mean_interval(found) for name, found in whole.items()},
        iqm={name: iqm_interval(found) for name, found in whole.items()},
        collapsed=share(known) if known else None,
    )


def write_summary(root: Path, statuses: Sequence[RunStatus], summaries: Sequence[SettingSummary]) -> dict[str, Any]:
    """Write `summary.json`, `summary.csv` (a row a setting) and `runs.csv` (a row a run); return the JSON's content.

    Times stand under `train_s` alone; all else is the same however often the sweep was interrupted.
    """
    runs = [_run_row(root, status) for status in statuses]
    data = {"settings": [_setting_row(summary) for summary in summaries], "runs": runs}
    text = json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False, default=str)
    (root / SUMMARY).write_text(text + "\n", encoding="utf-8")
    _write_csv(root / SETTINGS_CSV, [_flat(summary) for summary in summaries])
    _write_csv(root / RUNS_CSV, [{**_without(run, "changes"), **_cells(run["changes"])} for run in runs])
    return data


def _run_row(root: Path, status: RunStatus) -> dict[str, Any]:
    evaluation = status.evaluation if status.state == DONE else {}
    return {
        "setting": status.run.setting.name,
        "changes": dict(status.run.setting.changes),
        "seed": status.run.seed,
        "folder": status.run.folder.relative_to(root).as_posix(),
        "state": status.state,
        "step": status.step,
        **{name: evaluation.get(name) for name in (*SCORES, "verdict")},
        "error": status.last_lines()[-1:][0] if status.state == FAILED and status.last_lines() else None,
        "train_s": round(train_seconds(status.run.folder), 3),
    }


def _setting_row(summary: SettingSummary) -> dict[str, Any]:
    return {
        "setting": summary.name,
        "changes": dict(summary.changes),
        "seeds": list(summary.seeds),
        "runs": summary.num_runs,
        "failed": summary.num_failed,
        "mean": {name: _plain(interval) for name, interval in summary.scores.items()},
        "iqm": {name: _plain(interval) for name, interval in summary.iqm.items()},
        "collapsed": None if summary.collapsed is None else _plain(summary.collapsed),
    }


def _flat(summary: SettingSummary) -> dict[str, Any]:
    row: dict[str, Any] = {"setting": summary.name, **_cells(summary.changes)}
    row |= {"runs": summary.num_runs, "failed": summary.num_failed, "seeds": len(summary.seeds)}
    found = {f"{name}_mean": summary.scores.get(name) for name in SCORES}
    found |= {f"{name}_iqm": summary.iqm.get(name) for name in SCORES}
    for name, interval in {**found, COLLAPSED: summary.collapsed}.items():
        for part, value in (_plain(interval) if interval else {"value": None, "low": None, "high": None}).items():
            if part != "n":
                row[name if part == "value" else f"{name}_{part}"] = value
    return row


def _plain(interval: Interval) -> dict[str, Any]:
    bounds = {"low": interval.low, "high": interval.high}
    known = {name: None if math.isnan(value) else value for name, value in bounds.items()}
    return {"value": interval.value, **known, "n": interval.n}


def _cells(changes: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: json.dumps(value) if isinstance(value, Mapping | list | tuple) else value for key, value in changes.items()
    }


def _without(row: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != name}


def _write_csv(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    listed = list(rows)
    names = list(dict.fromkeys(name for row in listed for name in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, restval="")
        writer.writeheader()
        writer.writerows(listed)


def _number(value: Any) -> float:
    """The value where it is a number, else NaN."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
