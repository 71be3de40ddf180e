"""Figures with two axes of settings or of prices: heat maps, and reward against KL and perplexity."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import matplotlib
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter

from formalrl.experiments.comparison.grouping import Comparison, Setting
from formalrl.experiments.comparison.scores import Outcome
from formalrl.experiments.plots import SIZE, log_locator, series, tick_label
from formalrl.experiments.runs import RunFolder
from formalrl.experiments.showing import show_setting

COLOR_MAP = "cividis"
"""Even in brightness for every kind of color vision."""


@dataclass(frozen=True)
class HeatMap:
    """A score over two settings."""

    name: str
    title: str
    x_key: str
    y_key: str
    x_values: tuple[Any, ...]
    y_values: tuple[Any, ...]
    cells: Mapping[tuple[Any, Any], tuple[float, str]]
    """(x, y) -> score and its words, where there is one."""
    limits: tuple[float, float] | None = None
    is_better_low: bool = False
    """Whether low scores get the bright color of good ones."""

    def description(self) -> str:
        """Return what the map shows, in words."""
        told = [
            f"{words.partition(chr(10))[0]} at {self.x_key} {show_setting(x)} and {self.y_key} {show_setting(y)}"
            for (x, y), (_, words) in sorted(self.cells.items(), key=lambda item: -item[1][0])
        ]
        return f"{self.title} over {self.x_key} and {self.y_key}: {'; '.join(told)}."


def heat_maps(comparison: Comparison, found: Sequence[Outcome]) -> list[HeatMap]:
    """Return maps of accuracy, reward and the share of collapsed seeds where exactly two numeric settings differ."""
    if len(comparison.keys) != 2:
        return []
    if not all(_is_number(value) for outcome in found for value in outcome.setting.values.values()):
        return []
    y_key, x_key = comparison.keys
    wanted = [("accuracy", "Final accuracy", (0.0, 1.0)), ("reward", "Final reward", None)]
    maps = []
    for key, title, limits in wanted:
        cells = {
            _place(outcome, x_key, y_key): (outcome.scores[key].value, f"{outcome.scores[key].value:.3f}")
            for outcome in found
            if key in outcome.scores
        }
        maps.append(_heat_map(f"plane_{key}", title, comparison, cells, None if len(cells) > 1 else limits))
    cells = {
        _place(outcome, x_key, y_key): (
            outcome.collapsed.value,
            f"{round(outcome.collapsed.value * outcome.collapsed.n)} of {outcome.collapsed.n}",
        )
        for outcome in found
        if outcome.collapsed is not None
    }
    collapsed = _heat_map("plane_collapsed", "Seeds that collapsed", comparison, cells, (0.0, 1.0))
    maps.append(replace(collapsed, is_better_low=True))
    return [found_map for found_map in maps if found_map.cells]


def _heat_map(name: str, title: str, comparison: Comparison, cells: Any, limits: Any) -> HeatMap:
    y_key, x_key = comparison.keys
    x_values, y_values = (
        tuple(sorted({setting.values[key] for setting in comparison.settings})) for key in (x_key, y_key)
    )
    x_name, y_name = x_key.removeprefix("regularizers."), y_key.removeprefix("regularizers.")
    return HeatMap(name, title, x_name, y_name, x_values, y_values, cells, limits)


def _place(outcome: Outcome, x_key: str, y_key: str) -> tuple[Any, Any]:
    return outcome.setting.values[x_key], outcome.setting.values[y_key]


def draw_heat_map(heat: HeatMap) -> Figure:
    """Return the figure: one cell a setting, with its number; cells without a finished run stay empty."""
    rows, columns = len(heat.y_values), len(heat.x_values)
    figure = Figure(figsize=(SIZE[0], min(6.0, 0.75 + 0.36 * max(rows, 3))))
    axes = figure.add_axes((0.23, 0.55 / figure.get_figheight(), 0.75, 1 - 0.6 / figure.get_figheight()))
    scores = [score for score, _ in heat.cells.values()]
    low, high = heat.limits or (min(scores), max(scores))
    scale = Normalize(low, high if high > low else low + 1)
    colors = matplotlib.colormaps[f"{COLOR_MAP}_r" if heat.is_better_low else COLOR_MAP]
    for (x, y), (score, words) in heat.cells.items():
        column, row = heat.x_values.index(x), heat.y_values.index(y)
        color = colors(scale(score))
        axes.fill_between([column - 0.5, column + 0.5], row - 0.5, row + 0.5, color=color, linewidth=0.4)
        is_dark = 0.299 * color[0] + 0.587 * color[1] + 0.114 * color[2] < 0.5
        axes.text(column, row, words, ha="center", va="center", color="white" if is_dark else "black", fontsize=8.5)
    axes.set_xlim(-0.5, columns - 0.5)
    axes.set_ylim(-0.5, rows - 0.5)
    axes.set_xticks(range(columns), [show_setting(value) for value in heat.x_values])
    axes.set_yticks(range(rows), [show_setting(value) for value in heat.y_values])
    axes.set_xlabel(heat.x_key, labelpad=2)
    axes.set_ylabel(heat.y_key, labelpad=7)
    axes.grid(False)
    axes.tick_params(length=0)
    return figure


@dataclass(frozen=True)
class Way:
    """Where the seeds of one setting went."""

    name: str
    color: str
    seeds: tuple[tuple[tuple[float, float], ...], ...]
    """Of each seed (price, reward) at every evaluation that has both."""


@dataclass(frozen=True)
class Trade:
    """Reward against its price, evaluation by evaluation."""

    name: str
    title: str
    x_name: str
    is_log: bool
    paths: tuple[Way, ...]

    def description(self) -> str:
        """Return where the settings ended, in words."""
        ends = []
        for path in self.paths:
            price, reward = (math.fsum(seed[-1][i] for seed in path.seeds) / len(path.seeds) for i in (0, 1))
            ends.append(f"{path.name} ends at a reward of {reward:.3g} and {self.x_name} {price:.3g}")
        return f"{self.title}: {'; '.join(ends)} (means of the seeds)."


def trades(styled: Sequence[tuple[Setting, str, str]]) -> list[Trade]:
    """Return reward against KL and against reference perplexity, of (setting, name, color); those that were measured.

    Up and to the left is better: more reward for less.
    """
    wanted = [
        ("reward_kl", "Reward against KL to the reference", "kl_ref", "KL to the reference (nats a token)", False),
        ("reward_perplexity", "Reward against reference perplexity", "ref_perplexity", "reference perplexity", True),
    ]
    found = []
    for name, title, key, x_name, is_log in wanted:
        paths = []
        for setting, shown, color in styled:
            seeds = [seed for run in setting.runs if (seed := _path(run, key))]
            if seeds:
                paths.append(Way(shown, color, tuple(seeds)))
        if paths:
            found.append(Trade(name, title, x_name, is_log, tuple(paths)))
    return found


def _path(run: RunFolder, key: str) -> tuple[tuple[float, float], ...]:
    rewards = dict(series(run.evals, "reward"))
    return tuple((price, rewards[step]) for step, price in series(run.evals, key) if step in rewards)


def draw_trade(trade: Trade) -> Figure:
    """Return the figure: a thin line a seed, from its first evaluation to the dot at its last."""
    figure = Figure(figsize=SIZE)
    axes = figure.add_axes((0.145, 0.17, 0.825, 0.72))
    for path in trade.paths:
        for number, seed in enumerate(path.seeds):
            axes.plot([x for x, _ in seed], [y for _, y in seed], color=path.color, linewidth=0.8, alpha=0.55)
            axes.plot(*seed[-1], "o", color=path.color, markersize=4.5, label=path.name if number == 0 else None)
    if trade.is_log:
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(log_locator([x for path in trade.paths for seed in path.seeds for x, _ in seed]))
        axes.xaxis.set_minor_formatter(NullFormatter())
    else:
        axes.xaxis.set_major_locator(MaxNLocator(nbins=5))
    axes.xaxis.set_major_formatter(FuncFormatter(tick_label))
    axes.yaxis.set_major_formatter(FuncFormatter(tick_label))
    axes.set_xlabel(trade.x_name, labelpad=2)
    axes.set_ylabel("reward", labelpad=1)
    axes.legend(
        loc="lower left", bbox_to_anchor=(0, 1.0), ncols=3, frameon=False, fontsize=8.5, borderpad=0, handletextpad=0.2,
        columnspacing=1.0,
    )  # fmt: skip
    axes.tick_params(length=2.5)
    return figure


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
