import math

import pytest

from formalrl.games import metrics as m
from formalrl.games.engine import Metrics

PLAYED = Metrics(
    "ok", 10, (5, 3), draws=1, cut=1, turns=100, moves=120, decisions=60, branching=360, sites=9, sites_used=6
)


def test_measures_by_hand():
    assert m.balance(PLAYED) == pytest.approx(0.8)
    assert m.completion(PLAYED) == pytest.approx(0.8)
    assert m.drawishness(PLAYED) == pytest.approx(0.8)
    assert (m.mean_turns(PLAYED), m.decision_moves(PLAYED), m.mean_branching(PLAYED)) == (10, 0.5, 3)
    assert m.coverage(PLAYED) == pytest.approx(2 / 3)
    assert m.paper_reward(PLAYED) == pytest.approx(0.8 ** (1 / 3))


def test_reward_of_failures():
    rewards = [
        m.paper_reward(Metrics(s)) for s in ("not_compilable", "unsupported", "timeout", "engine_error", "unplayable")
    ]
    assert rewards == [0.0, 0.0, 0.01, 0.01, 0.05]
    assert m.paper_reward(Metrics("ok", 10, (5, 5), turns=10)) == 0.05  # fewer than two turns on average


def test_known_holes_of_the_reward():
    assert m.paper_reward(Metrics("ok", 100, (100, 0), turns=1000)) == pytest.approx(2 / 3)
    assert m.paper_reward(Metrics("ok", 100, (0, 0), cut=100, turns=1000)) == pytest.approx(1 / 3)


def test_nothing_played_gives_no_nan():
    empty = Metrics("ok")
    assert math.isnan(m.balance(empty))
    assert m.paper_reward(empty) == 0.05
    assert m.as_dict(empty)["balance"] is None


def test_gavel_and_quality_stay_in_range():
    assert 0 < m.gavel_fitness(PLAYED) < 1
    assert m.gavel_fitness(PLAYED, 1.0) > m.gavel_fitness(PLAYED, 0.0)
    assert m.turns_trapezoid(2, 1000) == 0 and m.turns_trapezoid(50, 1000) == 1
    assert 0 < m.quality(PLAYED) < 1
