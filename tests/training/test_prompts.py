"""Prompts of a step are a pure function of seed, step and round."""

import numpy as np

from formalrl.training.prompts import PromptStream, draw_by_weight


def test_an_epoch_asks_every_prompt_once():
    stream = PromptStream(10, seed=3)
    drawn = np.concatenate([stream.indices(step, 4) for step in range(5)])
    assert sorted(drawn[:10]) == list(range(10))
    assert sorted(drawn[10:20]) == list(range(10))
    assert list(drawn[:10]) != list(drawn[10:20])


def test_a_step_can_be_drawn_without_those_before_it():
    first = [list(PromptStream(7, 1).indices(step, 3)) for step in range(6)]
    assert list(PromptStream(7, 1).indices(5, 3)) == first[5]
    assert list(PromptStream(7, 2).indices(5, 3)) != first[5]


def test_later_rounds_differ_from_the_first_and_repeat_themselves():
    stream = PromptStream(1000, 0)
    one, again, two = (list(stream.indices(4, 8, r)) for r in (1, 1, 2))
    assert one == again
    assert one != two
    assert one != list(stream.indices(4, 8))


def test_weights_decide_how_often_a_position_is_drawn():
    weights = np.array([1.0, 3.0, 0.0, 0.0])
    counts = np.zeros(4)
    for key in range(2000):
        counts[draw_by_weight(weights, 1, [key])] += 1
    # 1 : 3 means a quarter of the draws; 2,000 draws have a standard error of 0.01
    assert abs(counts[0] / 2000 - 0.25) < 0.04
    assert counts[2:].sum() == 0


def test_more_draws_than_positive_weights_fill_up_with_the_rest():
    drawn = draw_by_weight(np.array([0.0, 2.0, 0.0]), 2, [1])
    assert len(set(drawn.tolist())) == 2
    assert 1 in drawn
