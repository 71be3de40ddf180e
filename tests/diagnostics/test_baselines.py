"""k-answer baselines against trying all subsets, and the answer table."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from formalrl.diagnostics import baselines
from formalrl.diagnostics.baselines import answer_table, best_fixed_answers, candidate_answers, extend_table
from formalrl.types import Prompt, Score


def all_subsets(matrix, k):
    return max(matrix[:, list(c)].max(axis=1).mean() for c in itertools.combinations(range(matrix.shape[1]), k))


def test_one_and_two_answers_by_hand():
    rewards = np.array([[1.0, 0.0, 0.6], [1.0, 0.0, 0.6], [0.0, 1.0, 0.6]])
    assert best_fixed_answers(rewards, 1) == (pytest.approx(2 / 3), (0,), True)
    assert best_fixed_answers(rewards, 2) == (1.0, (0, 1), True)


@given(st.integers(0, 10**6), st.integers(1, 6), st.integers(1, 5))
def test_the_value_is_what_trying_all_subsets_finds(seed, num_answers, k):
    matrix = np.random.default_rng(seed).random((7, num_answers))
    found = best_fixed_answers(matrix, min(k, num_answers))
    assert found.value == pytest.approx(all_subsets(matrix, min(k, num_answers)))
    assert found.value == pytest.approx(matrix[:, list(found.indices)].max(axis=1).mean())
    assert found.exact


def test_greedy_with_swaps_is_a_close_lower_bound(monkeypatch):
    monkeypatch.setattr(baselines, "EXACT_WORK", 0)
    for seed in range(10):
        matrix = np.random.default_rng(seed).random((20, 9))
        found = best_fixed_answers(matrix, 4)
        assert not found.exact and len(set(found.indices)) == 4
        assert 0.97 * all_subsets(matrix, 4) <= found.value <= all_subsets(matrix, 4) + 1e-12


def test_swaps_repair_a_greedy_first_choice(monkeypatch):
    monkeypatch.setattr(baselines, "EXACT_WORK", 0)
    monkeypatch.setattr(baselines, "PAIR_WORK", 0)
    rewards = np.array([[1, 0, 0.7], [1, 0, 0.7], [0, 1, 0.7], [0, 1, 0.7]])
    assert best_fixed_answers(rewards, 2).value == 1.0


def test_failed_scores_count_as_the_lowest_and_failed_prompts_are_left_out():
    nan = math.nan
    rewards = np.array([[0.5, nan], [0.2, 0.8], [nan, nan]])
    assert best_fixed_answers(rewards, 1) == (pytest.approx(0.65), (1,), True)
    assert best_fixed_answers(np.array([[0.1, 0.9, nan]]), 1).indices == (1,)
    assert best_fixed_answers(np.array([[0.4, 0.0, nan], [0.4, 0.0, 0.7]]), 1) == (pytest.approx(0.4), (0,), True)
    assert math.isnan(best_fixed_answers(np.full((2, 2), nan), 1).value)
    assert math.isnan(best_fixed_answers(np.zeros((0, 3)), 1).value)


def test_more_answers_than_there_are_is_all_of_them():
    assert best_fixed_answers(np.eye(3), 8) == (1.0, (0, 1, 2), True)
    with pytest.raises(ValueError, match="at least one"):
        best_fixed_answers(np.eye(3), 0)


def test_the_papers_constant_answer_shape_is_reproduced():
    """Rewards 2 / (1 + exp(|a - truth| / 10)): two answers lie on either side of the best one."""
    truth = np.random.default_rng(0).normal(25, 12, 400).round().clip(0, 99)
    rewards = 2 / (1 + np.exp(np.abs(truth[:, None] - np.arange(100)) / 10))
    one, two, eight = (best_fixed_answers(rewards, k) for k in (1, 2, 8))
    assert one.value < two.value < eight.value < 1
    assert two.indices[0] < one.indices[0] < two.indices[1]


def test_candidates_are_all_answers_or_the_most_common_seen():
    assert candidate_answers(10, ["x"], ["a", "b", "a"]) == (["a", "b"], True)
    assert candidate_answers(10, ["x", "y", "y"]) == (["y", "x"], False)
    assert candidate_answers(100, ["x", "y", "y"], [str(i) for i in range(50)], budget=100) == (["y"], False)
    assert len(candidate_answers(10, [str(i) for i in range(200)])[0]) == 64


def score_match(rows):
    return [Score(None, "crash") if c == "boom" else Score(float(c == columns["answer"])) for _, c, columns in rows]


def test_table_scores_every_answer_on_every_prompt_and_extends_without_repeating():
    prompts = [Prompt(str(i), {"answer": str(i % 3)}) for i in range(6)]
    calls = []

    def score(rows):
        calls.append(len(rows))
        return score_match(rows)

    table = answer_table(prompts, ["0", "boom"], False, score)
    assert table.value(1) == pytest.approx(1 / 3)
    longer = extend_table(table, prompts, ["1", "1", "0"], score)
    assert longer.answers == ("0", "boom", "1") and calls == [12, 6]
    assert longer.value(2) == pytest.approx(2 / 3)
    assert extend_table(longer, prompts, ["0", "1"], score) is longer
    complete = answer_table(prompts, ["0", "1", "2"], True, score)
    assert extend_table(complete, prompts, ["99"], score) is complete
    assert complete.ceiling == 1.0 and sorted(complete.best_answers()) == [0, 0, 1, 1, 2, 2]


def test_best_answers_share_answers_where_they_can():
    table = answer_table([Prompt("a"), Prompt("b")], ["x", "y", "z"], True, lambda rows: [Score(1.0)] * len(rows))
    assert len(set(table.best_answers())) == 1


def test_a_table_of_failures_has_no_values():
    table = answer_table([Prompt("a", {"answer": "1"})], ["boom"], True, score_match)
    assert table.value(1) is None and table.ceiling is None and table.best_answers() == []
