"""Which figures a comparison has: one panel where its settings fit into one, more of equal scale where not."""

from pathlib import Path

import pytest

from formalrl.experiments.comparison.charts import (
    curve_drawings,
    cut,
    legend,
    panels_of,
    plane_drawings,
    trade_drawings,
)
from formalrl.experiments.comparison.curves import bands
from formalrl.experiments.comparison.folders import find_runs, read_runs
from formalrl.experiments.comparison.grouping import compare
from formalrl.experiments.comparison.scores import outcomes
from formalrl.experiments.runs import RunFolder, Samples


def runs_over(**keys):
    (first, xs), (second, ys) = keys.items()
    metrics = tuple({"step": step, "reward/mean": 0.1 * step} for step in (1, 2, 3))
    return [
        RunFolder(Path(f"{x}-{y}"), {"seed": 0, first: x, second: y}, {}, metrics, (), (), Samples())
        for x in xs
        for y in ys
    ]


def curves_of(comparison):
    return curve_drawings(comparison, bands({setting.name: setting.runs for setting in comparison.settings}))


def test_six_settings_share_one_panel_and_its_legend():
    comparison = compare(runs_over(a=(0, 1, 2), b=(0, 1)))
    assert [shared for shared, _ in panels_of(comparison)] == [""]
    assert [(short, name) for _, short, name in legend(comparison)][:2] == [("0, 0", "a 0, b 0"), ("0, 1", "a 0, b 1")]
    assert [drawing.name for drawing in curves_of(comparison)] == ["reward"]


def test_a_larger_plane_has_a_panel_for_each_value_of_its_first_key():
    comparison = compare(runs_over(a=(0, 1), b=(0, 1, 2, 3)))
    panels = panels_of(comparison)
    assert [(shared, [name for _, name in members]) for shared, members in panels] == [
        ("a 0", ["0", "1", "2", "3"]),
        ("a 1", ["0", "1", "2", "3"]),
    ]
    drawn = curves_of(comparison)
    assert [drawing.title for drawing in drawn] == ["Reward of training steps, a 0", "Reward of training steps, a 1"]
    limits = {drawing.draw().axes[0].get_ylim() for drawing in drawn}
    assert len(limits) == 1, "one scale"
    assert legend(comparison) == [] and trade_drawings(comparison, outcomes(comparison)[0]) == []


def test_many_settings_of_one_key_are_cut_into_sixes():
    comparison = compare(runs_over(a=(0,), b=tuple(range(8))))
    assert [len(members) for _, members in panels_of(comparison)] == [6, 2]


def test_bands_are_shaded_where_seeds_give_an_interval(whole_sweep):
    comparison = compare(read_runs(find_runs([whole_sweep])))
    reward = next(drawing for drawing in curves_of(comparison) if drawing.name == "reward")
    assert len(reward.draw().axes[0].collections) == 2
    assert "entropy" not in reward.title and "0.3 goes from" in reward.description
    assert [drawing.name for drawing in trade_drawings(comparison, outcomes(comparison)[0])] == ["reward_kl"]
    assert plane_drawings(comparison, outcomes(comparison)[0]) == []


def test_one_seed_has_no_band():
    (drawing,) = curves_of(compare(runs_over(a=(0,), b=(0, 1))))
    assert len(drawing.draw().axes[0].collections) == 0


@pytest.mark.parametrize(("name", "shown"), [("short", "short"), ("a" * 16, "a" * 16), ("a" * 17, "a" * 15 + "…")])
def test_names_at_curves_are_short(name, shown):
    assert cut(name) == shown
