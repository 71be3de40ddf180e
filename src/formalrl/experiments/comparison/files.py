"""The figures of a comparison as SVG and PNG, and its numbers as CSV."""

import csv
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib

from formalrl.experiments.comparison.charts import Drawing
from formalrl.experiments.comparison.curves import Band, Curve
from formalrl.experiments.comparison.grouping import Comparison
from formalrl.experiments.comparison.scores import FINAL, Outcome, finished
from formalrl.experiments.plots import STYLE, save_figure
from formalrl.experiments.showing import show_setting
from formalrl.experiments.statistics import Interval


def write_figures(
    folder: Path,
    comparison: Comparison,
    found: Sequence[Outcome],
    curves: Mapping[Curve, Mapping[str, Band]],
    drawn: Sequence[Drawing],
) -> None:
    """Write every figure as `NAME.svg` and `NAME.png`, and `final.csv`, `runs.csv` and `curves.csv`, into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with matplotlib.rc_context({**STYLE, "savefig.bbox": "tight", "savefig.pad_inches": 0.08}):
        for drawing in drawn:
            figure = drawing.draw()
            unit = f" ({drawing.unit})" if drawing.unit else ""
            told = _lines_told(comparison)
            figure.text(0.0, 1.02, f"{drawing.title}{unit}{told}", ha="left", va="bottom", fontsize=9)
            for kind in ("svg", "png"):
                save_figure(figure, folder / f"{drawing.name}.{kind}")
    _write(folder / "final.csv", ["setting", *comparison.keys, "metric", "mean", "low", "high", "seeds"], _final(found))
    header = ["run", "setting", *comparison.keys, "seed", "finished", "step", "verdict", *(key for key, _ in FINAL)]
    _write(folder / "runs.csv", header, _runs(comparison))
    _write(folder / "curves.csv", ["metric", "setting", "step", "mean", "low", "high", "seeds"], _curves(curves))


def _lines_told(comparison: Comparison) -> str:
    """A second line that says what the names at the curves are."""
    if not comparison.keys or any(setting.short == setting.name for setting in comparison.settings):
        return ""
    return f"\nby {', '.join(comparison.keys)}"


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


def _final(found: Sequence[Outcome]) -> Iterable[list[Any]]:
    for outcome in found:
        head = [outcome.setting.name, *map(show_setting, outcome.setting.values.values())]
        for key, interval in outcome.scores.items():
            yield [*head, key, *_cells(interval)]
        if outcome.collapsed is not None:
            yield [*head, "collapsed", *_cells(outcome.collapsed)]


def _runs(comparison: Comparison) -> Iterable[list[Any]]:
    for setting in comparison.settings:
        for run in setting.runs:
            row = run.last_eval
            head = [run.path, setting.name, *map(show_setting, setting.values.values()), run.config.get("seed", "")]
            state = [str(finished(run)).lower(), row.get("step", ""), row.get("verdict", "")]
            yield [*head, *state, *("" if row.get(key) is None else row[key] for key, _ in FINAL)]


def _curves(curves: Mapping[Curve, Mapping[str, Band]]) -> Iterable[list[Any]]:
    for curve, of_settings in curves.items():
        for name, band in of_settings.items():
            for step, interval in band.points:
                yield [curve.name, name, step, *_cells(interval)]


def _cells(interval: Interval) -> list[Any]:
    bounds = ["" if math.isnan(bound) else bound for bound in (interval.low, interval.high)]
    return [interval.value, *bounds, interval.n]
