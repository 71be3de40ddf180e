"""Means over seeds hold at the steps that all seeds have, and nowhere else."""

from pathlib import Path

import pytest

from formalrl.experiments.comparison.curves import CURVES, MAX_POINTS, band, bands, cut_notes
from formalrl.experiments.runs import RunFolder, Samples, undocumented_metrics


def run(values, evals=()):
    metrics = tuple({"step": step, "reward/mean": value} for step, value in values.items())
    return RunFolder(Path("r"), {}, {}, metrics, tuple(evals), (), Samples())


def test_the_mean_is_over_seeds_and_ends_with_the_shortest():
    found = band([run({1: 0.0, 2: 1.0}), run({1: 1.0, 2: 3.0, 3: 9.0})], "metrics", "reward/mean")
    assert found is not None
    assert [(step, i.value, i.n) for step, i in found.points] == [(1, 0.5, 2), (2, 2.0, 2)]
    assert found.is_cut and found.last_seen == 3


def test_a_step_that_one_seed_lacks_is_left_out_not_interpolated():
    found = band([run({1: 0.0, 2: 1.0, 3: 2.0}), run({1: 0.0, 3: 2.0})], "metrics", "reward/mean")
    assert found is not None
    assert [step for step, _ in found.points] == [1, 3] and not found.is_cut


def test_seeds_without_a_common_step_have_no_curve():
    assert band([run({1: 0.0}), run({2: 0.0})], "metrics", "reward/mean") is None
    assert band([run({1: 0.0}), run({})], "metrics", "reward/mean") is None
    assert band([run({1: float("nan")})], "metrics", "reward/mean") is None


def test_many_steps_become_windows_and_only_the_first_may_be_short():
    values = {step: float(step) for step in range(1, 2 * MAX_POINTS)}  # 59 steps in windows of 2
    found = band([run(values)], "metrics", "reward/mean")
    assert found is not None and len(found.points) == MAX_POINTS
    assert [(step, i.value) for step, i in found.points[:2]] == [(1, 1.0), (3, 2.5)]
    assert found.points[-1][0] == 59 and found.points[-1][1].value == pytest.approx(58.5)


def test_evaluations_are_never_averaged_over_steps():
    rows = [{"step": step, "reward": step / 100} for step in range(100)]
    found = band([run({}, rows)], "evals", "reward")
    assert found is not None and len(found.points) == 100


def test_curves_of_a_single_point_are_not_drawn_and_cut_ones_are_told():
    found = bands({"a": [run({1: 0.0, 2: 1.0}), run({1: 1.0, 2: 1.0, 3: 1.0})], "b": [run({1: 0.0})]})
    assert [curve.name for curve in found] == ["reward"] and set(next(iter(found.values()))) == {"a", "b"}
    assert bands({"b": [run({1: 0.0})]}) == {}
    notes = cut_notes(found)
    assert len(notes) == 1 and notes[0].startswith("a: ") and notes[0].endswith("at step 2")


def test_every_curve_is_of_a_documented_metric():
    text = Path(__file__).parents[3].joinpath("docs", "metrics.md").read_text(encoding="utf-8")
    assert undocumented_metrics([curve.key for curve in CURVES], text) == []
