"""A comparison in words."""

import math
from pathlib import Path

import pytest

from formalrl.experiments.comparison.grouping import compare
from formalrl.experiments.comparison.wording import question, show_interval, show_score, what_is_the_same
from formalrl.experiments.runs import RunFolder, Samples
from formalrl.experiments.statistics import Interval


def run(seed, facts=None, **config):
    found = {"seed": seed, "task": {"name": "arithmetic"}, "max_steps": 5, **config}
    return RunFolder(Path(f"{config}-{seed}"), found, facts or {"torch": "2.13"}, (), (), (), Samples())


def test_the_question_names_keys_values_and_seeds():
    two = compare([run(seed, a=a) for a in (0, 0.3) for seed in (0, 1)])
    assert question(two) == "What does a (0, 0.3) change? 2 settings, 2 seeds each, 4 runs."
    plane = compare([run(0, a=a, b=b) for a in (0, 1) for b in ("x", "y")] + [run(1, a=0, b="x")])
    assert question(plane) == "What do a (0, 1) and b (x, y) change? 4 settings, 1 to 2 seeds each, 5 runs."
    assert question(compare([run(0), run(1)])) == "How far do 2 seeds of one setting differ? (2 runs)"
    assert "... 2 more" in question(compare([run(0, a=a) for a in range(8)]))


def test_only_what_all_runs_share_is_told():
    told = dict(what_is_the_same(compare([run(0, a=1), run(1, a=2, max_steps=6)])))
    assert told["Task"] == "arithmetic" and told["torch"] == "2.13"
    assert "Steps" not in told and "Device" not in told


@pytest.mark.parametrize(
    ("value", "shown"), [(0.87321, "0.873"), (-0.5, "-0.500"), (84.0, "84.0"), (1253.79, "1,254"), (math.nan, "-")]
)
def test_scores_have_three_digits(value, shown):
    assert show_score(value) == shown


def test_an_interval_has_bounds_where_there_are_seeds():
    assert show_interval(Interval(0.5, 0.4, 0.61, 5)) == "0.500 (0.400 to 0.610)"
    assert show_interval(Interval(9.6, 8.8, 10.44, 5)) == "9.6 (8.8 to 10.4)"
    assert show_interval(Interval(1033.4, 592.7, 1470.0, 5)) == "1,033 (593 to 1,470)"
    assert show_interval(Interval(0.5, math.nan, math.nan, 1)) == "0.500"
