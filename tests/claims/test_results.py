"""What a verdict needs of a run; values by hand."""

from pathlib import Path

import pytest

from formalrl.claims.results import (
    SeedResult,
    collapsed_share,
    first_mean,
    largest_fall,
    last_mean,
    result_of,
    steps_to,
)
from formalrl.errors import ConfigError
from formalrl.experiments.runs import RunFolder, Samples


def curve(*rewards):
    return SeedResult(0, {}, {}, tuple(enumerate(rewards, start=1)))


def test_a_run_counts_once_it_is_finished():
    evals = ({"step": 0, "reward": 0.1}, {"step": 4, "reward": 0.9})
    metrics = ({"step": 1, "reward/mean": 0.2}, {"step": 2, "reward/mean": 0.3})
    run = RunFolder(Path("r"), {"seed": 3, "max_steps": 4}, {}, metrics, evals, (), Samples())
    assert result_of(run) == SeedResult(3, evals[0], evals[1], ((1, 0.2), (2, 0.3)))
    assert result_of(RunFolder(Path("r"), {"seed": 3, "max_steps": 5}, {}, metrics, evals, (), Samples())) is None


def test_steps_to_a_level_are_counted_at_the_end_of_a_window():
    result = curve(0.0, 1.0, 0.0, 1.0, 1.0)
    assert steps_to(result, 0.5, 1) == 2
    assert steps_to(result, 0.5, 2) == 2
    assert steps_to(result, 0.6, 2) == 5
    assert steps_to(result, 2.0, 2) == 6, "never: one more than there are"


def test_the_largest_fall_is_below_the_highest_value_before():
    assert largest_fall(curve(0.0, 0.5, 0.25, 1.0, 0.5), 1) == 0.5
    assert largest_fall(curve(0.0, 0.5, 0.25, 1.0, 0.5), 2) == 0.0  # means 0.25, 0.375, 0.625, 0.75
    assert largest_fall(curve(1.0, 0.0, 0.5), 1) == 1.0
    assert largest_fall(curve(0.5), 2) == 0.0


def test_means_and_shares_are_over_seeds(seeds):
    found = seeds(reward=[0.5, 0.7], verdict=["collapsed", "learning"])
    assert last_mean(found, "reward").value == pytest.approx(0.6)
    assert first_mean(found, "reward").value == pytest.approx(0.1)
    assert collapsed_share(found).value == 0.5


def test_a_metric_that_a_seed_lacks_is_no_mean(seeds):
    with pytest.raises(ConfigError):
        last_mean(seeds(reward=[0.5, None]), "reward")
