"""One uniform number picks the token at which the cumulated probability passes it."""

import math

import torch

from formalrl.sampling.draw import draw, next_token
from formalrl.sampling.rule import SamplingRule

LOGITS = torch.tensor([[0.1, 0.4, 0.2, 0.3]]).log()
RULE = SamplingRule(1)


def numbers(*values):
    return torch.tensor([values], dtype=torch.float64)


def test_inverse_of_the_cumulated_distribution_by_hand():
    assert draw(LOGITS, numbers(0.0, 0.09, 0.11, 0.49, 0.51, 0.69, 0.71), RULE).tolist() == [[0, 0, 1, 1, 2, 2, 3]]


def test_tokens_without_probability_are_never_drawn():
    logp = torch.tensor([[-math.inf, 0.0, -math.inf]])
    largest = 1.0 - 2.0**-53
    assert draw(logp, numbers(0.0, 0.5, largest), RULE).tolist() == [[1, 1, 1]]
    wide = torch.full((1, 1000), -math.inf)
    wide[0, :700] = math.log(1 / 700)
    assert draw(wide, numbers(0.0, largest), RULE).max() == 699


def test_greedy_takes_the_most_probable():
    assert draw(LOGITS, numbers(0.0, 0.99), SamplingRule(1, temperature=0.0)).tolist() == [[1, 1]]


def test_frequencies_are_probabilities():
    u = torch.rand(1, 20_000, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    shares = torch.bincount(draw(LOGITS, u, RULE)[0], minlength=4) / 20_000
    assert (shares - LOGITS.exp()[0]).abs().max() < 0.02


def test_filters_apply_in_order_each_to_what_is_left():
    rule = SamplingRule(1, top_k=3, top_p=0.7, forbidden_token_ids=(0,))  # 4/9, 2/9, 3/9 are left after top-k
    found = next_token(LOGITS, rule)
    assert found.kept.tolist() == [[False, True, False, True]]
    torch.testing.assert_close(found.logp.exp(), torch.tensor([[0.0, 4 / 7, 0.0, 3 / 7]]))


def test_temperature_comes_before_the_filters():
    cold = next_token(LOGITS, SamplingRule(1, temperature=0.25, top_p=0.7))  # 0.4^4 / sum = 0.723
    assert cold.kept.tolist() == [[False, True, False, False]]


def test_no_filter_keeps_no_record():
    assert next_token(LOGITS, SamplingRule(1, forbidden_token_ids=(2,))).kept is None
    assert next_token(LOGITS, SamplingRule(1, temperature=0.0, top_k=1)).kept is None
