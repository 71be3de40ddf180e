"""What a comparison draws: curves with intervals, heat maps over two settings, reward against its price."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from matplotlib.figure import Figure

from formalrl.experiments.charts import COLORS, DASHES
from formalrl.experiments.comparison.curves import Band, Curve
from formalrl.experiments.comparison.ends import draw_ends, ends_of
from formalrl.experiments.comparison.grouping import Comparison, Setting
from formalrl.experiments.comparison.planes import draw_heat_map, draw_trade, heat_maps, trades
from formalrl.experiments.comparison.scores import Outcome
from formalrl.experiments.plots import Chart, Line, figure_of
from formalrl.experiments.showing import show_setting, show_text

MAX_LINES = len(COLORS)
"""Settings in one chart; more are drawn in several charts of equal scale."""


@dataclass(frozen=True)
class Drawing:
    """One figure of the page, and of the folder of figures."""

    name: str
    """Of its files, and in the page: lower case with underscores."""
    title: str
    description: str
    """For those who cannot see it."""
    draw: Callable[[], Figure]
    unit: str = ""
    is_wide: bool = False
    """Whether it needs the width of two."""


def panels_of(comparison: Comparison) -> list[tuple[str, list[tuple[Setting, str]]]]:
    """Return (what the panel's settings share, [(setting, its name in the panel)]): one panel where all fit in one.

    Over two keys each value of the first is a panel; else settings are taken in their order, six at a time.
    """
    settings = list(comparison.settings)
    if len(settings) <= MAX_LINES:
        return [("", [(setting, setting.short) for setting in settings])]
    if len(comparison.keys) == 2:
        first, second = comparison.keys
        panels: dict[str, list[tuple[Setting, str]]] = {}
        for setting in settings:
            shared = f"{first.removeprefix('regularizers.')} {show_setting(setting.values[first])}"
            panels.setdefault(shared, []).append((setting, show_setting(setting.values[second])))
        if all(len(panel) <= MAX_LINES for panel in panels.values()):
            return list(panels.items())
    parts = [settings[i : i + MAX_LINES] for i in range(0, len(settings), MAX_LINES)]
    return [(f"part {n} of {len(parts)}", [(s, s.short) for s in part]) for n, part in enumerate(parts, start=1)]


def curve_drawings(comparison: Comparison, found: Mapping[Curve, Mapping[str, Band]]) -> list[Drawing]:
    """Return the learning curves, each as one drawing a panel; panels of one metric have one scale."""
    drawings = []
    panels = panels_of(comparison)
    for curve, of_settings in found.items():
        limits = curve.limits if len(panels) == 1 else curve.limits or _limits(of_settings.values())
        for number, (shared, members) in enumerate(panels, start=1):
            lines = [
                _line(name, of_settings[setting.name], index)
                for index, (setting, name) in enumerate(members)
                if setting.name in of_settings
            ]
            if lines:
                title = f"{curve.title}, {shared}" if shared else curve.title
                name = curve.name if len(panels) == 1 else f"{curve.name}_{number}"
                chart = Chart(name, title, lines, curve.unit, curve.is_log, limits)
                drawings.append(_of_chart(chart))
    return drawings


def plane_drawings(comparison: Comparison, found: Sequence[Outcome]) -> list[Drawing]:
    """Return heat maps where exactly two numeric settings differ, none elsewhere."""
    return [
        Drawing(heat.name, heat.title, heat.description(), lambda heat=heat: draw_heat_map(heat))
        for heat in heat_maps(comparison, found)
    ]


def trade_drawings(comparison: Comparison, found: Sequence[Outcome]) -> list[Drawing]:
    """Return reward against its price in language (KL, perplexity), where runs measured it.

    The way of every seed where one panel holds all settings (`planes.trades`), else where they ended (`ends`).
    """
    panels = panels_of(comparison)
    if len(panels) > 1:
        return [
            Drawing(ends.name, ends.title, ends.description(), lambda ends=ends: draw_ends(ends), is_wide=True)
            for ends in ends_of(found)
        ]
    styled = [(setting, cut(name), COLORS[i]) for i, (setting, name) in enumerate(panels[0][1])]
    return [
        Drawing(trade.name, trade.title, trade.description(), lambda trade=trade: draw_trade(trade))
        for trade in trades(styled)
    ]


def legend(comparison: Comparison) -> list[tuple[str, str, str]]:
    """Return (color, name at the end of the curve, full name) of every setting, where one panel holds all."""
    panels = panels_of(comparison)
    if len(panels) > 1:
        return []
    return [(COLORS[i], cut(name), setting.name) for i, (setting, name) in enumerate(panels[0][1])]


def cut(name: str, limit: int = 16) -> str:
    """Return a name short enough for the end of a curve."""
    shown = show_text(name)
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def _of_chart(chart: Chart) -> Drawing:
    return Drawing(chart.name, chart.title, chart.description(), lambda: figure_of(chart), chart.unit)


def _line(name: str, found: Band, index: int) -> Line:
    points = [(float(step), interval.value) for step, interval in found.points]
    has_band = not any(math.isnan(interval.low) for _, interval in found.points)
    band = [(interval.low, interval.high) for _, interval in found.points] if has_band else []
    line = Line(cut(name), points, COLORS[index % len(COLORS)], DASHES[index % len(DASHES)], band=band)
    return line if len(points) > 6 else replace(line, marker="o")


def _limits(found: Iterable[Band]) -> tuple[float, float] | None:
    values = [
        value
        for one in found
        for _, interval in one.points
        for value in (interval.value, interval.low, interval.high)
        if not math.isnan(value)
    ]
    return (min(values), max(values)) if values and min(values) < max(values) else None
