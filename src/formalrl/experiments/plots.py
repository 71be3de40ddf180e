"""Curves of a run as SVG: colors that color-blind people can tell apart, lines named at their ends, phone-sized."""

import io
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

BLUE, ORANGE, GREEN, PURPLE, GRAY, BLACK = "#0060a8", "#b84a00", "#00775a", "#8f3f79", "#5c5c5c", "#1a1a1a"
"""Darkened from Okabe and Ito's palette, so that text in them has a contrast of 4.5 or more on white."""
SIZE = (3.9, 2.6)
"""Inches. 280 points wide: on a phone of 360 CSS pixels text of 9 points is 11 pixels high."""
MAX_POINTS = 400
STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#888888",
    "axes.labelcolor": "#333333",
    "xtick.color": "#333333",
    "ytick.color": "#333333",
    "axes.grid": True,
    "axes.grid.axis": "y",
    "grid.color": "#e4e4e4",
    "grid.linewidth": 0.7,
    "svg.fonttype": "path",
    "svg.hashsalt": "formalrl",
    "text.parse_math": False,
}


@dataclass(frozen=True)
class Line:
    """One curve."""

    name: str
    """Shown at its right end."""
    points: Sequence[tuple[float, float]]
    """(step, value)."""
    color: str = BLUE
    dash: str = "-"
    marker: str = ""
    is_level: bool = False
    """A reference line over the whole width at the last value, instead of a curve."""
    is_noisy: bool = False
    """Drawn pale, with a running mean on top where there are many points."""
    band: Sequence[tuple[float, float]] = ()
    """(lowest, highest) at every point, shaded; empty: nothing is."""


@dataclass(frozen=True)
class Chart:
    """What to draw and what it says."""

    name: str
    """Identifies the chart in the page: lower case with underscores."""
    title: str
    lines: Sequence[Line]
    unit: str = ""
    is_log: bool = False
    limits: tuple[float, float] | None = None
    """Lowest and highest value shown; None: from the data."""
    x_name: str = "step"
    levels: Mapping[int, str] = field(default_factory=dict)
    """Names for whole-number values, for categories."""

    def description(self) -> str:
        """Return what the chart shows, in words, for those who cannot see it."""
        said = []
        for line in self.lines:
            if line.is_level:
                said.append(f"{line.name} is at {_short(line.points[-1][1])}")
            else:
                values = [value for _, value in line.points]
                first, last = (self.levels.get(round(v), _short(v)) for v in (values[0], values[-1]))
                said.append(f"{line.name} goes from {first} to {last}")
        unit = f", in {self.unit}" if self.unit else ""
        return f"{self.title} by {self.x_name}{unit}: {'; '.join(said)}."


def series(rows: Sequence[Mapping[str, Any]], key: str) -> list[tuple[float, float]]:
    """Return (step, value) wherever `key` holds a finite number."""
    found = [(row.get("step"), row.get(key)) for row in rows]
    return [(float(s), float(v)) for s, v in found if _is_number(s) and _is_number(v)]  # type: ignore[arg-type]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def draw_svg(chart: Chart) -> str:
    """Return the chart as an `<svg>` element with its description, for use inside a page."""
    with matplotlib.rc_context(STYLE):
        return inline_svg(figure_of(chart), chart.name, chart.title, chart.description())


def draw_png(chart: Chart, path: Path) -> None:
    """Write the chart as a picture, for places that show no SVG."""
    with matplotlib.rc_context(STYLE):
        save_figure(figure_of(chart), path)


def inline_svg(figure: Figure, name: str, title: str, description: str) -> str:
    """Return a figure as an `<svg>` element of a page. Drawn under STYLE, as all text here.

    Args:
        figure: what to show.
        name: identifies it in the page: lower case with underscores.
        title: shown by a browser that hovers over it.
        description: for those who cannot see it.
    """
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    return _inline(buffer.getvalue(), name, title, description)


def save_figure(figure: Figure, path: Path) -> None:
    """Write a figure as SVG or PNG, as the end of `path` says; equal figures give equal files."""
    kind = path.suffix.removeprefix(".")
    metadata = {"Date": None, "Creator": None} if kind == "svg" else {"Software": None}
    figure.savefig(path, format=kind, dpi=200, metadata=metadata, facecolor="white")


def _inline(svg: str, name: str, title: str, description: str) -> str:
    """Cut the XML head, make all ids the chart's own, take fixed sizes away and add the description."""
    body = svg[svg.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", body, flags=re.DOTALL)
    body = re.sub(r'\bid="', f'id="{name}-', body)
    body = re.sub(r'(xlink:href="#|url\(#)', rf"\g<1>{name}-", body)
    head, rest = body.split(">", 1)
    head = re.sub(r' (?:width|height)="[^"]*"', "", head)
    return f'{head} role="img" aria-label="{_escape(description)}"><title>{_escape(title)}</title>{rest}'


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def figure_of(chart: Chart) -> Figure:
    """Return the drawn chart, to be saved under STYLE."""
    figure = Figure(figsize=SIZE)
    left = 0.245 if chart.levels else 0.145
    longest = 0 if chart.levels else max(len(line.name) for line in chart.lines)
    right = (12 + 5.2 * longest) / (72 * SIZE[0]) if longest else 0.03
    axes = figure.add_axes((left, 0.17, 1 - left - right, 0.78))
    if chart.is_log and all(value > 0 for line in chart.lines for _, value in line.points):
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5), numticks=7))
    for line in chart.lines:
        _draw(axes, line)
    limits = chart.limits or _limits_of_a_constant(chart)
    if limits:
        low, high = limits
        if axes.get_yscale() == "log" and low > 0:
            axes.set_ylim(low * (low / high) ** 0.04, high * (high / low) ** 0.04)
        else:
            margin = 0.04 * (high - low)
            axes.set_ylim(low - margin, high + margin)
    if chart.levels:
        axes.set_yticks(list(chart.levels), list(chart.levels.values()))
    else:
        axes.yaxis.set_major_formatter(FuncFormatter(tick_label))
        axes.yaxis.set_minor_formatter(NullFormatter())
        _label_ends(axes, [line for line in chart.lines if line.name])
    axes.set_xlabel(chart.x_name, labelpad=2)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=5, integer=True, min_n_ticks=1, steps=[1, 2, 5, 10]))
    axes.tick_params(length=2.5)
    return figure


def _limits_of_a_constant(chart: Chart) -> tuple[float, float] | None:
    """Return limits that hold 0 when all values are the same, which would otherwise be magnified to rounding errors."""
    values = {value for line in chart.lines for _, value in line.points}
    if len(values) != 1 or chart.is_log:
        return None
    value = values.pop()
    return (min(0.0, 2 * value), max(0.0, 2 * value)) if value else (0.0, 1.0)


def _draw(axes: Axes, line: Line) -> None:
    if line.is_level:
        axes.axhline(line.points[-1][1], color=line.color, linestyle=line.dash, linewidth=1.1, zorder=1.5)
        return
    points = thinned(line.points, MAX_POINTS)
    steps, values = [p[0] for p in points], [p[1] for p in points]
    if line.band and len(line.band) == len(points):
        low, high = [lowest for lowest, _ in line.band], [highest for _, highest in line.band]
        axes.fill_between(steps, low, high, color=line.color, alpha=0.16, linewidth=0)
    if line.is_noisy and len(points) >= 30:
        axes.plot(steps, values, color=line.color, alpha=0.28, linewidth=0.8)
        values = running_mean(values, max(3, len(values) // 20))
    marker = line.marker or ("o" if len(points) == 1 else "")
    axes.plot(steps, values, color=line.color, linestyle=line.dash, linewidth=1.7, marker=marker, markersize=4)


def _label_ends(axes: Axes, lines: Sequence[Line]) -> None:
    """Write the lines' names right of their ends, pushed apart where they would touch."""
    figure = axes.get_figure()
    assert figure is not None
    to_pixels, height = axes.transData, axes.bbox.height
    wanted = []
    for line in lines:
        last = line.points[-1][1]
        if line.is_noisy and len(line.points) >= 30:
            last = running_mean([v for _, v in line.points], max(3, len(line.points) // 20))[-1]
        if axes.get_yscale() == "log" and last <= 0:
            continue
        place = (to_pixels.transform((axes.get_xlim()[0], last))[1] - axes.bbox.y0) / height
        wanted.append((min(1.0, max(0.0, float(place))), line))
    wanted.sort(key=lambda pair: pair[0])
    gap = 9.0 * 1.15 / 72 * figure.dpi / height
    for (place, line), y in zip(wanted, spread([place for place, _ in wanted], gap), strict=True):
        axes.annotate(
            line.name, (1.0, place), xytext=(1.045, y), xycoords="axes fraction", textcoords="axes fraction",
            va="center", ha="left", color=line.color, annotation_clip=False, fontsize=8.5,
            arrowprops={"arrowstyle": "-", "color": line.color, "linewidth": 0.6, "shrinkA": 0, "shrinkB": 0,
                        "relpos": (0, 0.5)},
        )  # fmt: skip


def log_locator(values: Sequence[float]) -> LogLocator:
    """Return ticks for positive values on a log scale: powers of ten, and between them where there is room."""
    is_wide = max(values) / min(values) > 300
    return LogLocator(subs=(1,) if is_wide else (1, 2, 5), numticks=9)


def spread(places: Sequence[float], gap: float) -> list[float]:
    """Return ascending `places` moved as little as needed so that neighbors are at least `gap` apart, within [0, 1]."""
    moved = list(places)
    for _ in range(200):
        is_done = True
        for i in range(len(moved) - 1):
            overlap = gap - (moved[i + 1] - moved[i])
            if overlap > 1e-9:
                moved[i] -= overlap / 2
                moved[i + 1] += overlap / 2
                is_done = False
        if moved and moved[0] < 0:
            moved[0] = 0.0
        if moved and moved[-1] > 1:
            moved[-1] = 1.0
        if is_done:
            break
    return moved


def running_mean(values: Sequence[float], width: int) -> list[float]:
    """Return at every place the mean over the `width` values around it, over fewer near the ends."""
    half = width // 2
    windows = (values[max(0, i - half) : i + half + 1] for i in range(len(values)))
    return [math.fsum(window) / len(window) for window in windows]


def thinned(points: Sequence[tuple[float, float]], limit: int) -> list[tuple[float, float]]:
    """Return at most `limit` points: means of equal runs of neighbors; the last point stays as it is."""
    if len(points) <= limit:
        return list(points)
    size = math.ceil((len(points) - 1) / (limit - 1))
    runs = [points[i : min(i + size, len(points) - 1)] for i in range(0, len(points) - 1, size)]
    return [(run[-1][0], math.fsum(v for _, v in run) / len(run)) for run in runs] + [points[-1]]


def tick_label(value: float, _: int | None = None) -> str:
    """Return a tick's label in at most six characters: `0.25`, `3e-4`, `12k`."""
    size = abs(value)
    if 0 < size < 9.99e-4:
        digits, power = f"{value:.1e}".split("e")
        return f"{digits.removesuffix('.0')}e{int(power)}"
    if size >= 999.5:
        return f"{value / 1000:.3g}k" if size >= 1e4 else f"{value:.0f}"
    return f"{value:.3g}"


def _short(value: float) -> str:
    return f"{value:.3g}"
