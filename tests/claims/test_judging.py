"""A claim is confirmed only where intervals lie apart, and never by smoke runs or by too few seeds."""

import pytest

from formalrl.claims.judging import MIN_SEEDS, above, follows, judge, share_text
from formalrl.claims.load import load_claim
from formalrl.claims.parts import CONFIRMED, NOT_CONFIRMED, RAN, UNDECIDED
from formalrl.experiments.statistics import Interval, share


def interval(low, high):
    return Interval((low + high) / 2, low, high, 5)


def test_intervals_that_touch_overlap():
    assert above(interval(0.5, 0.6), interval(0.1, 0.4)) is True
    assert above(interval(0.1, 0.4), interval(0.5, 0.6)) is False
    assert above(interval(0.1, 0.5), interval(0.5, 0.6)) is None
    assert above(Interval(1.0, float("nan"), float("nan"), 1), interval(0.5, 0.6)) is None


@pytest.mark.parametrize(
    ("parts", "verdict"),
    [
        ({"a": True, "b": True}, CONFIRMED),
        ({"a": True, "b": None}, UNDECIDED),
        ({"a": None, "b": False}, NOT_CONFIRMED),
        ({"a": True, "b": False}, NOT_CONFIRMED),
    ],
)
def test_all_parts_must_hold(parts, verdict):
    assert follows(parts, "ours").verdict == verdict


def test_smoke_runs_only_ran(seeds):
    claim = load_claim("arithmetic-collapse")
    (name,) = claim.scales["smoke"].settings
    finished = seeds(verdict=["collapsed"] * 5)
    assert judge(claim, "smoke", {name: finished}, 5).verdict == RAN
    found = judge(claim, "smoke", {name: finished}, 6)
    assert found.verdict == UNDECIDED and "5 of 6" in found.reason


def test_too_few_seeds_decide_nothing(seeds):
    claim = load_claim("arithmetic-collapse")
    (name,) = claim.scales["laptop"].settings
    metrics = {"reward": 0.8, "constant_baseline": 0.75, "num_distinct": 3, "accuracy": 0.1}
    few = seeds(verdict=["collapsed"] * (MIN_SEEDS - 1), **metrics)
    assert judge(claim, "laptop", {name: few}, 5).verdict == UNDECIDED
    assert judge(claim, "laptop", {}, 5).verdict == UNDECIDED
    found = judge(claim, "laptop", {name: seeds(verdict=["collapsed"] * 5, **metrics)}, 6)
    assert found.verdict == CONFIRMED and "only some seeds are finished" in found.reason


def test_a_share_is_shown_as_a_count_with_its_interval():
    assert share_text(share([True] * 5)) == "5 of 5 (57 to 100 %)"
    assert share_text(share([False] * 5)) == "0 of 5 (0 to 43 %)"
