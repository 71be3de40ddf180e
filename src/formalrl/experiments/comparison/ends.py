"""Where settings ended: final reward against its price in language, one point a setting, for any number of settings."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter

from formalrl.experiments.comparison.scores import Outcome
from formalrl.experiments.comparison.wording import show_interval
from formalrl.experiments.plots import BLUE, GRAY, log_locator, spread, tick_label
from formalrl.experiments.statistics import Interval

WIDTH, LINE_HEIGHT = 5.6, 0.17
"""Inches: of the figure, and of a name."""
PRICES = (
    ("ends_kl", "Final reward against KL to the reference", "kl_ref", "KL to the reference (nats a token)", False),
    ("ends_perplexity", "Final reward at a perplexity", "ref_perplexity", "perplexity under the reference", True),
)


@dataclass(frozen=True)
class End:
    """Where one setting ended, over its seeds."""

    name: str
    price: Interval
    reward: Interval


@dataclass(frozen=True)
class Ends:
    """Where all settings ended. Up and to the left is better: more reward for less."""

    name: str
    title: str
    x_name: str
    is_log: bool
    ends: tuple[End, ...]

    def description(self) -> str:
        """Return the settings that no other one beats in both, the cheapest first, in words."""
        best = sorted((end for end in self.ends if is_undominated(end, self.ends)), key=lambda end: end.price.value)
        told = (f"{end.name}: {show_interval(end.reward)} at {show_interval(end.price)}" for end in best)
        return f"{self.title}. No other setting has more reward for less than {'; '.join(told)}."


def ends_of(found: Sequence[Outcome]) -> list[Ends]:
    """Return the figures' content for the prices that two settings or more have measured."""
    figures = []
    for name, title, key, x_name, is_log in PRICES:
        measured = tuple(
            End(outcome.setting.name, outcome.scores[key], outcome.scores["reward"])
            for outcome in found
            if key in outcome.scores and "reward" in outcome.scores
        )
        if len(measured) > 1:
            is_positive = all(end.price.value > 0 for end in measured)
            figures.append(Ends(name, title, x_name, is_log and is_positive, measured))
    return figures


def is_undominated(end: End, others: Sequence[End]) -> bool:
    """Return whether no other setting has at least this mean reward for at most this mean price, one of them better."""
    here = end.reward.value, -end.price.value
    return not any(
        there != here and all(b >= a for a, b in zip(here, there, strict=True))
        for there in ((other.reward.value, -other.price.value) for other in others)
    )


def draw_ends(content: Ends) -> Figure:
    """Return the figure: means with their intervals as crosses, names at the right; a line through the undominated."""
    longest = max(len(end.name) for end in content.ends)
    height = max(2.6, 0.7 + LINE_HEIGHT * len(content.ends))
    figure = Figure(figsize=(WIDTH, height))
    right = (16 + 5.0 * min(longest, 34)) / (72 * WIDTH)
    axes = figure.add_axes((0.1, 0.44 / height, 0.9 - right, 1 - 0.52 / height))
    if content.is_log:
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(log_locator([end.price.value for end in content.ends]))
        axes.xaxis.set_minor_formatter(NullFormatter())
    else:
        axes.xaxis.set_major_locator(MaxNLocator(nbins=6))
    best = sorted((end for end in content.ends if is_undominated(end, content.ends)), key=lambda end: end.price.value)
    axes.plot(
        [end.price.value for end in best], [end.reward.value for end in best], color=BLUE, linewidth=0.9, alpha=0.6
    )
    for end in content.ends:
        axes.errorbar(
            end.price.value, end.reward.value, xerr=_reach(end.price), yerr=_reach(end.reward), fmt="o", markersize=4,
            elinewidth=0.9, color=BLUE if end in best else GRAY, markerfacecolor=BLUE if end in best else "white",
        )  # fmt: skip
    axes.xaxis.set_major_formatter(FuncFormatter(tick_label))
    axes.yaxis.set_major_formatter(FuncFormatter(tick_label))
    axes.set_xlabel(content.x_name, labelpad=2)
    axes.set_ylabel("reward", labelpad=1)
    axes.tick_params(length=2.5)
    _name_points(axes, content.ends, best)
    return figure


def _reach(interval: Interval) -> list[list[float]] | None:
    """How far the interval goes below and above the mean; None without one."""
    if math.isnan(interval.low):
        return None
    return [[max(0.0, interval.value - interval.low)], [max(0.0, interval.high - interval.value)]]


def _name_points(axes: Axes, ends: Sequence[End], best: Sequence[End]) -> None:
    """Write the names right of the axes in the order of their rewards, each joined to its point."""
    figure = axes.get_figure()
    assert figure is not None
    ordered = sorted(ends, key=lambda end: end.reward.value)
    low, high = axes.get_ylim()
    places = [(end.reward.value - low) / (high - low) for end in ordered]
    gap = 9.0 * 1.15 / 72 * figure.dpi / axes.bbox.height
    for end, y in zip(ordered, spread(places, gap), strict=True):
        color = BLUE if end in best else GRAY
        axes.annotate(
            end.name if len(end.name) <= 34 else f"{end.name[:33]}…", (end.price.value, end.reward.value),
            xytext=(1.03, y), textcoords="axes fraction", va="center", ha="left", color=color, fontsize=8.5,
            annotation_clip=False, arrowprops={"arrowstyle": "-", "color": color, "linewidth": 0.4, "alpha": 0.6,
                                               "shrinkA": 0, "shrinkB": 3, "relpos": (0, 0.5)},
        )  # fmt: skip
