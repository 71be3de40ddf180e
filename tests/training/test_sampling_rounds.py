"""Dynamic sampling: groups without spread are replaced, rounds are capped, everything drawn is logged."""

from types import SimpleNamespace

import pytest

from formalrl.training import sampling_rounds
from formalrl.training.sampling_rounds import groups_with_spread, sample_rounds
from formalrl.training.stopwatch import Stopwatch

FLAT, SPREAD = [0.5, 0.5], [0.0, 1.0]


@pytest.fixture
def play(make_rollouts, monkeypatch):
    """Return a function from recorded rounds to what `sample_rounds` makes of them and how many it asked for."""

    def play(rounds, **settings):
        asked = []

        def next_round(engine, step, sampling_round, count, clock, again=()):
            asked.append(count)
            return list(range(len(rounds[sampling_round]))), make_rollouts(rounds[sampling_round])

        monkeypatch.setattr(sampling_rounds, "_round", next_round)
        defaults = {"prompts_per_step": 3, "dynamic_sampling": True, "max_sampling_rounds": 4, "replay_fraction": 0.0}
        engine = SimpleNamespace(config=SimpleNamespace(**defaults | settings))
        drawn, chosen, _ = sample_rounds(engine, 0, {}, Stopwatch())
        return drawn, chosen, asked

    return play


def test_without_it_everything_drawn_is_learned_from(play):
    drawn, chosen, asked = play([[FLAT, SPREAD, FLAT]], dynamic_sampling=False)
    assert drawn is chosen
    assert asked == [3]


def test_groups_without_spread_are_replaced_until_there_are_enough(play):
    drawn, chosen, asked = play([[FLAT, SPREAD, FLAT], [FLAT, SPREAD], [SPREAD]])
    assert asked == [3, 2, 1]
    assert chosen.rewards().tolist() == SPREAD * 3
    assert chosen.prompt_index.tolist() == [0, 0, 1, 1, 2, 2]
    assert len(drawn) == 12  # reward is logged over all of them


def test_rounds_are_capped(play):
    drawn, chosen, asked = play([[FLAT, SPREAD, FLAT], [FLAT, FLAT], [FLAT, FLAT]], max_sampling_rounds=2)
    assert asked == [3, 2]
    assert chosen.rewards().tolist() == SPREAD
    assert len(drawn) == 10


def test_when_no_group_has_spread_the_first_round_is_taken(play):
    drawn, chosen, _ = play([[FLAT] * 3, [FLAT] * 3], max_sampling_rounds=2)
    assert chosen.rewards().tolist() == FLAT * 3
    assert len(drawn) == 12


def test_enough_spread_at_once_needs_one_round(play):
    _, _, asked = play([[SPREAD, SPREAD, SPREAD]])
    assert asked == [3]


def test_spread_is_that_of_the_scored_rows(make_rollouts):
    rollouts = make_rollouts(
        [[0.5, 0.5, None], [0.5, 0.25, None], [None, None, None], [1.0, None, None], [0.0, 1.0, 0.0]]
    )
    assert groups_with_spread(rollouts) == [1, 4]


def test_a_real_engine_asks_new_prompts_in_every_round(make_engine):
    engine = make_engine(dynamic_sampling=True, num_generations=2, prompts_per_step=8)
    drawn, chosen, _ = sample_rounds(engine, 0, {}, Stopwatch())
    again, *_ = sample_rounds(engine, 0, {}, Stopwatch())
    assert len(drawn.prompts) > 8
    assert [p.text for p in drawn.prompts[:8]] != [p.text for p in drawn.prompts[8:16]]
    assert [p.text for p in again.prompts] == [p.text for p in drawn.prompts]
    assert len(chosen.prompts) <= 8
    assert groups_with_spread(chosen) == list(range(len(chosen.prompts)))


def test_failing_rewards_do_not_stop_the_rounds(make_engine):
    engine = make_engine(dynamic_sampling=True, num_generations=2, task={"failing": True})
    drawn, *_ = sample_rounds(engine, 0, {}, Stopwatch())
    assert any(score.error for score in drawn.scores)
    assert len(drawn.prompts) > 8
