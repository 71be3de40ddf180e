import asyncio
import random
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from formalrl.rewards.call import RewardKey, reward_of, score_rows, to_score
from formalrl.rewards.signature import RewardRow
from formalrl.types import ERROR_KINDS, Score

ROWS = [RewardRow("a", "1"), RewardRow("b", "x"), RewardRow("c", "3")]


def outcomes(scores):
    return [score.reward if score.error is None else score.error for score in scores]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1, 1.0),
        (0.5, 0.5),
        (True, 1.0),
        (np.float32(0.5), 0.5),
        (np.int64(2), 2.0),
        (np.bool_(True), 1.0),
        (np.array(3.0), 3.0),
        (Fraction(1, 2), 0.5),
        ("1.0", "bad_type"),
        (None, "bad_type"),
        ([1.0], "bad_type"),
        (np.array([1.0]), "bad_type"),
        (Decimal("1"), "bad_type"),
        (1j, "bad_type"),
        (float("nan"), "not_finite"),
        (float("-inf"), "not_finite"),
        (np.float64("nan"), "not_finite"),
        (10**400, "not_finite"),
        ({"reward": 0.5, "exact": True}, 0.5),
        ({"score": 0.5}, 0.5),
        ({"exact": 1.0}, "bad_type"),
        ({"reward": "1"}, "bad_type"),
        ({"reward": float("inf")}, "not_finite"),
        ({"reward": 1.0, "note": "good"}, "bad_type"),
        ({"reward": 1.0, "part": float("nan")}, "not_finite"),
        ({"reward": 1.0, "steps": 3}, "bad_type"),
        ({"reward": 1.0, "steps": [(1, 2, 3)]}, "bad_type"),
        ({"reward": 1.0, "steps": [(2, 0.5), (2, 0.5)]}, "bad_type"),
        ({"reward": 1.0, "steps": [(2, "0.5")]}, "bad_type"),
        ({"reward": 1.0, "steps": [(2, float("nan"))]}, "not_finite"),
    ],
)
def test_what_counts_as_a_reward(value, expected):
    score = to_score(value)
    assert outcomes([score]) == [expected]
    assert score.error is None or (score.reward is None and score.detail)


def test_parts_are_numbers_without_the_reward_itself():
    assert to_score({"reward": 0.5, "exact": True, "score": 2}) == Score(0.5, parts={"exact": 1.0, "score": 2.0})


def test_steps_are_kept_apart_from_the_parts():
    score = to_score({"reward": 0.5, "exact": 1, "steps": [[3, True], (7, 0.25)]})
    assert score == Score(0.5, parts={"exact": 1.0}, steps=((3, 1.0), (7, 0.25)))


class Unprintable:
    def __repr__(self):
        raise RuntimeError


@given(st.one_of(st.none(), st.text(), st.floats(), st.lists(st.integers()), st.dictionaries(st.text(), st.floats())))
def test_any_value_gives_a_score(value):
    score = to_score(value)
    assert (score.reward is None) == (score.error in ERROR_KINDS)


def test_a_value_that_cannot_be_shown_is_still_a_score():
    assert to_score(Unprintable()).error == "bad_type"


def test_an_exception_costs_its_row_alone():
    scores = score_rows(lambda prompt, completion: int(completion), ROWS)
    assert outcomes(scores) == [1.0, "exception", 3.0]
    assert "ValueError" in scores[1].detail and "invalid literal" in scores[1].detail


@pytest.mark.parametrize(
    ("error", "kind"),
    [(TimeoutError, "timeout"), (MemoryError, "memory"), (SystemExit, "exception"), (RecursionError, "exception")],
)
def test_exceptions_are_told_apart(error, kind):
    def reward(completion):
        raise error

    assert outcomes(score_rows(reward, ROWS[:1])) == [kind]


def test_an_interrupt_from_the_keyboard_is_not_swallowed():
    def reward(completion):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        score_rows(reward, ROWS)


def test_a_batch_reward_is_called_once():
    calls = []

    def reward(prompts, completions, **columns):
        calls.append(len(completions))
        return np.arange(len(completions))

    assert outcomes(score_rows(reward, ROWS)) == [0.0, 1.0, 2.0] and calls == [3]


def test_a_failing_batch_is_repeated_row_by_row():
    def reward(completions, **columns):
        return [int(completion) for completion in completions]

    assert outcomes(score_rows(reward, ROWS)) == [1.0, "exception", 3.0]


@pytest.mark.parametrize(
    ("value", "kind"), [([], "wrong_length"), ([1.0] * 4, "wrong_length"), (1.0, "bad_type"), ("abc", "bad_type")]
)
def test_a_batch_result_of_the_wrong_shape_fails_every_row(value, kind):
    scores = score_rows(lambda completions, **columns: value, ROWS)
    assert outcomes(scores) == [kind] * 3
    assert "batch reward returned" in scores[0].detail


def test_none_in_a_batch_fails_its_row_alone():
    scores = score_rows(lambda completions, **columns: [1.0, None, 0.0], ROWS)
    assert outcomes(scores) == [1.0, "bad_type", 0.0]


async def async_reward(prompt, completion):
    await asyncio.sleep(0)
    return int(completion)


async def async_batch(prompts, completions):
    await asyncio.sleep(0)
    return [len(completion) for completion in completions]


def test_async_rewards_are_awaited():
    assert outcomes(score_rows(async_reward, ROWS)) == [1.0, "exception", 3.0]
    assert outcomes(score_rows(async_batch, ROWS)) == [1.0] * 3


def test_async_rewards_overlap():
    running = [0, 0]

    async def reward(completion):
        running[0] += 1
        running[1] = max(running)
        await asyncio.sleep(0.01)
        running[0] -= 1
        return 1.0

    score_rows(reward, ROWS * 4)
    assert running[1] == 12


def test_async_rewards_work_where_a_loop_runs_already():
    async def notebook():
        return score_rows(async_reward, ROWS), score_rows(async_batch, ROWS)

    one, many = asyncio.run(notebook())
    assert outcomes(one) == [1.0, "exception", 3.0] and outcomes(many) == [1.0] * 3


def draw(prompt, completion):
    return random.random() + np.random.random()


def test_random_numbers_depend_on_the_key_and_the_row_only():
    key = RewardKey(seed=1, step=2)
    scores = outcomes(score_rows(draw, ROWS, key))
    random.seed(99)
    assert outcomes(score_rows(draw, ROWS, key)) == scores
    assert len(set(scores)) == 3
    assert outcomes(score_rows(draw, ROWS[1:], RewardKey(seed=1, step=2, first_row=1))) == scores[1:]
    others = [RewardKey(0, 2), RewardKey(1, 3), RewardKey(1, 2, round=1)]
    assert all(outcomes(score_rows(draw, ROWS, other)) != scores for other in others)


def test_a_batch_draws_the_same_numbers_again():
    def batch(completions):
        return [draw("", completion) for completion in completions]

    first = outcomes(score_rows(batch, ROWS, RewardKey(step=2)))
    random.seed(99)
    assert outcomes(score_rows(batch, ROWS, RewardKey(step=2))) == first
    assert outcomes(score_rows(batch, ROWS, RewardKey(step=3))) != first


@pytest.mark.parametrize("function", [draw, lambda completions: [draw("", c) for c in completions]])
def test_random_states_are_put_back(function):
    random.seed(3)
    np.random.seed(3)
    expected = (random.random(), np.random.random())
    random.seed(3)
    np.random.seed(3)
    score_rows(function, ROWS)
    assert (random.random(), np.random.random()) == expected


def test_no_rows_give_no_scores():
    assert score_rows(draw, []) == [] == score_rows(async_batch, []) == score_rows(async_reward, [])


def test_a_task_scores_by_its_method_unless_it_brings_a_function():
    class Plain:
        def reward(self, prompt, completion):
            return 1.0

    class Brings(Plain):
        reward_function = staticmethod(draw)

    assert reward_of(Plain())("a", "b") == 1.0
    assert reward_of(Brings()) is draw
