"""Filters by hand."""

import math

import torch

from formalrl.sampling import filters

LOGP = torch.tensor([[0.1, 0.4, 0.2, 0.3]]).log()


def test_top_k_keeps_the_k_most_probable():
    assert filters.top_k(LOGP, 2).tolist() == [[False, True, False, True]]
    assert filters.top_k(LOGP, 9).all()


def test_top_k_breaks_ties_by_the_lower_id():
    assert filters.top_k(torch.zeros(1, 4), 2).tolist() == [[True, True, False, False]]


def test_top_p_keeps_the_token_that_reaches_the_sum():
    assert filters.top_p(LOGP, 0.4 - 1e-6).tolist() == [[False, True, False, False]]
    assert filters.top_p(LOGP, 0.5).tolist() == [[False, True, False, True]]
    assert filters.top_p(LOGP, 0.75).tolist() == [[False, True, True, True]]
    assert filters.top_p(LOGP, 0.95).all()


def test_top_p_keeps_one_token_at_least_and_renormalizes():
    assert filters.top_p(LOGP, 1e-9).tolist() == [[False, True, False, False]]
    rest = LOGP.masked_fill(torch.tensor([[False, True, False, False]]), -math.inf)  # 1/6, 0, 1/3, 1/2
    assert filters.top_p(rest, 0.5 - 1e-6).tolist() == [[False, False, False, True]]
    assert filters.top_p(rest, 0.6).tolist() == [[False, False, True, True]]


def test_min_p_is_a_share_of_the_most_probable():
    assert filters.min_p(LOGP, 0.5 - 1e-6).tolist() == [[False, True, True, True]]
    assert filters.min_p(LOGP, 0.6).tolist() == [[False, True, False, True]]


def test_impossible_tokens_are_never_kept():
    logp = LOGP.masked_fill(torch.tensor([[True, False, False, False]]), -math.inf)
    for kept in (filters.top_k(logp, 4), filters.top_p(logp, 1.0), filters.min_p(logp, 1e-9)):
        assert kept.tolist() == [[False, True, True, True]]
