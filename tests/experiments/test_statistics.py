"""Statistics over seeds: by hand, degenerate, and how often the intervals hold the truth."""

import math

import numpy as np
import pytest

from formalrl.errors import ConfigError
from formalrl.experiments.statistics import (
    Interval,
    iqm_interval,
    mean_interval,
    median_interval,
    performance_profile,
    probability_of_improvement,
    share,
    stratified_iqm,
)

AVERAGES = [mean_interval, median_interval, iqm_interval, lambda scores: stratified_iqm({"a": scores})]


def test_averages_by_hand():
    scores = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 10.0, 27.0]  # without the lowest and highest 2: 2 + 3 + 4 + 5
    assert mean_interval(scores).value == 6.5
    assert median_interval(scores).value == 3.5
    assert iqm_interval(scores).value == 3.5
    assert iqm_interval([1.0, 2.0, 3.0, 4.0, 90.0]).value == 3.0  # floor(5 / 4) = 1 from each end
    assert stratified_iqm({"b": scores[:3], "a": scores[3:]}).value == 3.5


def test_the_interval_of_two_scores_by_hand():
    # Resamples of {0, 1} have the means 0, 1/2 and 1 with probability 1/4, 1/2 and 1/4: their 2.5 % and 97.5 % points
    # are 0 and 1, and their 30 % and 70 % points 1/2.
    assert mean_interval([0.0, 1.0]) == Interval(0.5, 0.0, 1.0, 2)
    found = mean_interval([0.0, 1.0], confidence=0.4)
    assert (found.low, found.high) == (0.5, 0.5)


def test_strata_are_resampled_by_themselves():
    # Within each task nothing varies; over all runs much does. A task of one score stays as it is.
    assert stratified_iqm({"a": [0.0] * 4, "b": [10.0] * 4}) == Interval(5.0, 5.0, 5.0, 8)
    mixed = mean_interval([0.0] * 4 + [10.0] * 4)
    assert mixed.low < 3 and mixed.high > 7
    half = stratified_iqm({"a": [3.0], "b": [0.0, 1.0]})
    assert half.value == pytest.approx(4 / 3)
    assert (half.low, half.high) == (pytest.approx(1.0), pytest.approx(5 / 3))


def test_the_order_of_strata_changes_nothing():
    a, b = [0.1, 0.5, 0.9], [0.2, 0.3]
    assert stratified_iqm({"a": a, "b": b}) == stratified_iqm({"b": b, "a": a})


@pytest.mark.parametrize("average", AVERAGES)
def test_one_seed_claims_no_interval(average):
    found = average([0.7])
    assert found.value == 0.7 and found.n == 1
    assert math.isnan(found.low) and math.isnan(found.high)
    assert str(found) == "0.700 (one seed)"


@pytest.mark.parametrize("average", AVERAGES)
def test_equal_scores_have_an_interval_of_no_width(average):
    found = average([0.1] * 5)
    assert (found.value, found.low, found.high) == pytest.approx((0.1, 0.1, 0.1))


@pytest.mark.parametrize("average", AVERAGES)
@pytest.mark.parametrize(
    ("scores", "message"),
    [([], "none is given"), ([0.1, math.nan], "2 of 2 is nan"), ([math.inf, 0.1], "1 of 2 is inf"), ([[0.1]], "2 dim")],
)
def test_scores_that_are_none_are_refused(average, scores, message):
    with pytest.raises(ConfigError, match=message):
        average(scores)


def test_no_strata_are_refused():
    with pytest.raises(ConfigError, match="no scores"):
        stratified_iqm({})
    with pytest.raises(ConfigError, match="score of b 1 of 1 is nan"):
        stratified_iqm({"a": [1.0], "b": [math.nan]})


def test_intervals_repeat_and_depend_on_the_seed():
    scores = np.random.default_rng(0).normal(size=20)
    assert iqm_interval(scores) == iqm_interval(scores) != iqm_interval(scores, seed=1)


def test_text_has_as_many_digits_as_asked():
    assert str(Interval(0.9912, 0.9881, 0.9944, 5)) == "0.991 (0.988 to 0.994)"
    assert Interval(0.9912, 0.9881, 0.9944, 5).text(1) == "1.0 (1.0 to 1.0)"
    assert str(Interval(0.5, math.nan, math.nan, 4)) == "0.500 (no interval)"


def test_probability_of_improvement_by_hand():
    # Pairs (x, y): 1 against 0, 1, 2 gives 1, 1/2, 0; 3 gives 1, 1, 1: 4.5 of 6.
    assert probability_of_improvement([1.0, 3.0], [0.0, 1.0, 2.0]).value == pytest.approx(0.75)
    assert probability_of_improvement([0.0, 1.0, 2.0], [1.0, 3.0]).value == pytest.approx(0.25)
    same = probability_of_improvement([0.3] * 4, [0.3] * 4)
    assert (same.value, same.low, same.high, same.n) == (0.5, 0.5, 0.5, 8)


def test_probability_of_improvement_is_averaged_over_tasks():
    # Task a: always better. Task b: never. Pooled over tasks it would be 3 of 4 pairs.
    x, y = {"a": [10.0, 11.0], "b": [0.0, 0.0]}, {"b": [1.0, 1.0], "a": [9.0, 9.0]}
    found = probability_of_improvement(x, y)
    assert (found.value, found.low, found.high) == (0.5, 0.5, 0.5)


def test_one_seed_on_a_side_makes_no_claim_of_improvement():
    assert math.isnan(probability_of_improvement([1.0], [0.0, 0.5, 0.7]).low)
    assert math.isnan(probability_of_improvement({"a": [1.0], "b": [1.0]}, {"a": [0.0], "b": [0.0]}).low)


@pytest.mark.parametrize("other", [[1.0, 2.0], {"b": [1.0, 2.0]}])
def test_other_tasks_are_not_compared(other):
    with pytest.raises(ConfigError, match="same tasks"):
        probability_of_improvement({"a": [1.0, 2.0]}, other)


def test_a_performance_profile_by_hand():
    found = performance_profile({"a": [0.1, 0.5], "b": [0.9, 0.5]}, [0.0, 0.5, 0.9])
    assert [part.value for part in found] == [1.0, 0.25, 0.0]  # above, not at
    assert all(part.low <= part.value <= part.high and part.n == 4 for part in found)
    assert (found[0].low, found[0].high) == (1.0, 1.0)
    # Of task a nothing lies above 0.5; of b one of two: the share of four is 0, 1/4 or 1/2.
    assert (found[1].low, found[1].high) == (0.0, 0.5)


def test_a_share_has_wilsons_interval():
    # Wilson, 2 of 5, z = 1.959964: (p + z^2/2n -+ z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n)
    p, n, z = 0.4, 5, 1.959964
    middle, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    found = share([True, False, np.bool_(True), False, False])
    assert found.low == pytest.approx((middle - half) / (1 + z * z / n), abs=1e-6)
    assert found.high == pytest.approx((middle + half) / (1 + z * z / n), abs=1e-6)
    assert (found.value, found.n) == (0.4, 5)
    assert share([False] * 5).high == pytest.approx(z * z / (n + z * z), abs=1e-6)  # none of 5 is not 0 for sure


def test_shares_without_flags_or_of_something_else_are_refused():
    with pytest.raises(ConfigError, match="no flags"):
        share([])
    with pytest.raises(ConfigError, match="a flag is None"):
        share([True, None])  # pyright: ignore[reportArgumentType]
    assert str(share([True])) == "1.000 (one seed)"


@pytest.mark.parametrize(("n", "least", "most"), [(5, 0.75, 0.92), (30, 0.88, 0.99)])
def test_intervals_hold_the_mean_about_as_often_as_docs_say(n, least, most):
    # 150 sets of n draws of a normal distribution with mean 1. Of 95 % intervals from 5 seeds, about 83 % hold it.
    rng = np.random.default_rng(0)
    found = [mean_interval(rng.normal(1.0, 1.0, size=n), seed=i) for i in range(150)]
    covered = np.mean([part.low <= 1.0 <= part.high for part in found])
    assert least < covered < most
