"""Curves: what is drawn is what was given, in harmless SVG."""

import itertools
import math
import xml.etree.ElementTree as ElementTree

import pytest

from formalrl.experiments import plots
from formalrl.experiments.plots import Chart, Line, draw_png, draw_svg, running_mean, series, spread, thinned

RAMP = [(float(i), i / 50) for i in range(50)]


def luminance(color):
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("name", ["BLUE", "ORANGE", "GREEN", "PURPLE", "GRAY", "BLACK"])
def test_lines_and_their_names_have_contrast_on_white(name):
    assert 1.05 / (luminance(getattr(plots, name)) + 0.05) >= 4.5


def test_an_svg_is_well_formed_scales_and_describes_itself():
    chart = Chart("reward", "Reward <&>", [Line('a"b', RAMP), Line("level", [(0, 0.5)], is_level=True)], unit="nats")
    root = ElementTree.fromstring(draw_svg(chart))
    assert root.get("viewBox") and root.get("width") is None and root.get("role") == "img"
    assert 'a"b goes from 0 to 0.98; level is at 0.5' in root.get("aria-label")
    assert root[0].text == "Reward <&>"


def test_ids_of_two_charts_do_not_meet_and_all_references_resolve():
    seen = set()
    for name in ("one", "two"):
        root = ElementTree.fromstring(draw_svg(Chart(name, "T", [Line("x", RAMP)])))
        ids = {element.get("id") for element in root.iter() if element.get("id")}
        links = {v[1:] for e in root.iter() for k, v in e.attrib.items() if k.endswith("href")}
        links |= {v[5:-1] for e in root.iter() for v in e.attrib.values() if v.startswith("url(#")}
        assert links and links <= ids and not ids & seen
        seen |= ids


def test_the_same_chart_is_the_same_text():
    chart = Chart("x", "T", [Line("x", RAMP, is_noisy=True)])
    assert draw_svg(chart) == draw_svg(chart)


@pytest.mark.parametrize("name", ["</svg><script>", "a--><b", "$x^{2$", "\\frac"])
def test_names_from_outside_stay_text(name):
    svg = draw_svg(Chart("x", name, [Line(name, RAMP)]))
    assert "<script" not in svg and "-->" not in svg
    ElementTree.fromstring(svg)


def test_limits_on_a_log_scale_leave_an_equal_margin_on_both_sides():
    line = Line("one", [(0.0, 1.0), (1.0, 1000.0)])
    low, high = plots.figure_of(Chart("x", "T", [line], is_log=True, limits=(1.0, 1000.0))).axes[0].get_ylim()
    assert 0.5 < low < 1.0 and low * high == pytest.approx(1000.0)


def test_a_wide_log_scale_has_ticks_at_powers_of_ten_alone():
    assert set(plots.log_locator([3.0, 40.0]).tick_values(3.0, 40.0)) >= {5.0, 10.0, 20.0}
    wide = plots.log_locator([3.0, 4e5]).tick_values(3.0, 4e5)
    assert all(math.log10(tick) == pytest.approx(round(math.log10(tick))) for tick in wide)


def test_single_points_flat_lines_and_zeros_on_a_log_scale_can_be_drawn():
    draw_svg(Chart("x", "T", [Line("one", [(3.0, 1.0)])], is_log=True))
    draw_svg(Chart("x", "T", [Line("flat", [(0.0, 0.0), (1.0, 0.0)])], is_log=True))
    draw_svg(Chart("x", "T", [Line("huge", [(0.0, 1e-30), (1.0, 1e30)])], is_log=True))


def test_a_constant_is_shown_beside_zero():
    def limits(value):
        chart = Chart("x", "T", [Line("x", [(0.0, value), (1.0, value)])])
        return [round(y, 9) for y in plots.figure_of(chart).axes[0].get_ylim()]

    assert limits(0.001) == [-0.00008, 0.00208] and limits(0.0) == [-0.04, 1.04] and limits(-1.0) == [-2.08, 0.08]


def test_a_png_is_written(tmp_path):
    draw_png(Chart("x", "T", [Line("x", RAMP)]), tmp_path / "x.png")
    assert (tmp_path / "x.png").read_bytes().startswith(b"\x89PNG")


def test_series_take_finite_numbers_only():
    rows = [
        {"step": 1, "a": 0.5},
        {"step": 2},
        {"step": 3, "a": None},
        {"step": 4, "a": math.nan},
        {"step": 5, "a": True},
    ]
    assert series([*rows, {"a": 1.0}, {"step": 6, "a": 2}], "a") == [(1.0, 0.5), (6.0, 2.0)]


def test_names_are_pushed_apart_within_the_chart():
    moved = spread([0.5, 0.5, 0.51, 0.99, 1.0], 0.1)
    assert moved == sorted(moved) and moved[-1] <= 1.0 and moved[0] >= 0.0
    assert all(b - a >= 0.1 - 1e-6 for a, b in itertools.pairwise(moved))
    assert spread([0.1, 0.9], 0.1) == [0.1, 0.9] and spread([], 0.1) == []


def test_thinning_keeps_the_end_and_the_mean():
    points = [(float(i), float(i % 2)) for i in range(10_001)]
    thin = thinned(points, 400)
    assert len(thin) <= 400 and thin[-1] == points[-1]
    assert sum(v for _, v in thin[:-1]) / (len(thin) - 1) == pytest.approx(0.5, abs=0.02)
    assert thinned(points[:5], 400) == points[:5]


def test_running_mean_by_hand():
    assert running_mean([1.0, 2.0, 3.0, 6.0], 3) == [1.5, 2.0, pytest.approx(11 / 3), 4.5]


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0"), (0.25, "0.25"), (2.5e-4, "2.5e-4"), (1e-5, "1e-5"), (12000, "12k"), (-0.5, "-0.5"), (1000, "1000")],
)
def test_ticks_are_short(value, shown):
    assert plots.tick_label(value) == shown
