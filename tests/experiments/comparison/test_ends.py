"""Where settings ended: which are beaten in both reward and price, and a figure that names every one."""

import math
from pathlib import Path

import pytest

from formalrl.experiments.comparison.charts import trade_drawings
from formalrl.experiments.comparison.ends import End, Ends, draw_ends, ends_of, is_undominated
from formalrl.experiments.comparison.grouping import compare
from formalrl.experiments.comparison.scores import outcomes
from formalrl.experiments.plots import BLUE
from formalrl.experiments.runs import RunFolder, Samples
from formalrl.experiments.statistics import Interval


def end(name, price, reward, spread=0.0):
    known = (price - spread, price + spread) if spread else (math.nan, math.nan)
    return End(name, Interval(price, *known, 3), Interval(reward, *known, 3))


def run(coef, seed, reward, perplexity):
    row = {"step": 2, "reward": reward, "ref_perplexity": perplexity, "kl_ref": None}
    return RunFolder(
        Path(f"{coef}-{seed}"), {"seed": seed, "max_steps": 2, "coef": coef}, {}, (), (row,), (), Samples()
    )


def test_only_settings_that_none_beats_in_both_are_best():
    cheap, good, both = end("cheap", 1, 0.2), end("good", 9, 0.9), end("worse than good", 9, 0.8)
    twin, between = end("twin", 9, 0.9), end("between", 5, 0.5)
    ends = (cheap, good, both, twin, between)
    assert [one.name for one in ends if is_undominated(one, ends)] == ["cheap", "good", "twin", "between"]
    assert not is_undominated(cheap, (*ends, end("cheaper", 0.5, 0.2)))


def test_the_figure_names_every_setting_and_marks_the_best():
    content = Ends(
        "ends_perplexity", "Final reward", "perplexity", True, (end("a", 1, 0.2), end("b", 9, 0.9), end("c", 10, 0.1))
    )
    axes = draw_ends(content).axes[0]
    assert {text.get_text(): text.get_color() == BLUE for text in axes.texts} == {"a": True, "b": True, "c": False}
    assert axes.get_xscale() == "log" and axes.get_xlabel() == "perplexity"
    assert content.description().endswith("than a: 0.200 at 1.000; b: 0.900 at 9.000.")


def test_a_sweep_of_many_settings_is_drawn_by_where_it_ended():
    runs = [run(coef, seed, 0.1 * coef + 0.01 * seed, 10.0**coef) for coef in range(8) for seed in (0, 1)]
    comparison = compare(runs)
    found, _ = outcomes(comparison)
    (content,) = ends_of(found)
    assert content.name == "ends_perplexity" and len(content.ends) == 8
    assert content.ends[2].reward.value == pytest.approx(0.205)
    assert not math.isnan(content.ends[2].reward.low)
    (drawing,) = trade_drawings(comparison, found)
    assert len(drawing.draw().axes[0].texts) == 8 and "coef 7: 0.705" in drawing.description
    assert ends_of(found[:1]) == []
