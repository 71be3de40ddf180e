"""Prompt dependence by hand, at its ends, and its planning."""

import math

import numpy as np
import pytest

from formalrl.diagnostics.dependence import cross_logp, cross_pairs, distinct_rows, prompt_dependence


def test_by_hand():
    """p(z_i | x_j) = 0.8 on the diagonal and 0.2 off it: log 0.8 - log 0.5 = log 1.6."""
    found = prompt_dependence(np.log([[0.8, 0.2], [0.2, 0.8]]))
    assert found.nats == pytest.approx(math.log(1.6))
    assert found.fraction == pytest.approx(math.log(1.6) / math.log(2))
    assert found.retrieval_accuracy == 1.0


def test_ignoring_the_prompt_is_zero_and_retrieval_is_chance():
    found = prompt_dependence(np.repeat(np.log([[0.3], [0.7], [0.1]]), 3, axis=1))
    assert found.nats == pytest.approx(0) and found.fraction == 0.0
    assert found.retrieval_accuracy == pytest.approx(1 / 3)


def test_a_completion_of_its_own_for_every_prompt_is_one():
    logp = np.where(np.eye(16) > 0, 0.0, -np.inf)
    found = prompt_dependence(logp)
    assert found.fraction == pytest.approx(1.0) and found.nats == pytest.approx(math.log(16))


def test_long_completions_do_not_underflow():
    found = prompt_dependence(np.array([[-5000.0, -6000.0], [-7000.0, -5500.0]]))
    assert found.fraction == pytest.approx(1.0)


def test_negative_estimates_are_clipped_in_the_fraction_only():
    found = prompt_dependence(np.log([[0.2, 0.8], [0.8, 0.2]]))
    assert found.fraction == 0.0 and found.nats < 0 and found.retrieval_accuracy == 0.0


def test_prompts_with_more_completions_do_not_count_more():
    rows = np.log([[0.8, 0.2], [0.5, 0.5]])
    repeated = rows[[0, 0, 0, 1]]
    assert prompt_dependence(repeated, [0, 0, 0, 1]).nats == pytest.approx(prompt_dependence(rows).nats)


def test_one_prompt_or_no_usable_row_is_undefined():
    assert prompt_dependence(np.zeros((1, 1))).fraction is None
    assert prompt_dependence(np.full((2, 2), np.nan)).nats is None
    kept = prompt_dependence(np.array([[0.0, -np.inf], [np.nan, 0.0]]))
    assert kept.num_completions == 1 and kept.nats == pytest.approx(math.log(2))


@pytest.mark.parametrize("chunk", [1, 4, 100])
def test_cross_scoring_fills_completions_by_prompts_in_chunks(chunk):
    sizes = []

    def logprob(prompts, completions):
        sizes.append(len(prompts))
        return [10 * c + p for p, c in zip(prompts, completions, strict=True)]

    matrix = cross_logp(logprob, num_prompts=2, num_completions=3, chunk=chunk)
    assert matrix.tolist() == [[0, 1], [10, 11], [20, 21]]
    assert max(sizes) <= chunk and sum(sizes) == 6


def test_pairs_of_one_prompt_are_neighbors():
    prompts = [p for chunk, _ in cross_pairs(3, 4, 5) for p in chunk]
    assert prompts == sorted(prompts)


def test_distinct_rows_keep_the_first_of_each_and_spread():
    assert distinct_rows(["a", "b", "a", "c"], 10) == [0, 1, 3]
    assert distinct_rows(range(100), 3) == [0, 49, 99]
