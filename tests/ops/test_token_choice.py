"""Which tokens are learned from: thresholds, draws and ties, by hand."""

import torch

from formalrl.ops.token_choice import highest_entropy, without_high_covariance

MASK = torch.tensor([[1.0, 1.0, 1.0], [1.0, 1.0, 0.0]])
ENTROPIES = torch.tensor([[0.1, 0.9, 0.5], [0.5, 0.2, 7.0]])


def test_the_most_uncertain_tokens_are_kept_and_padding_never():
    assert highest_entropy(ENTROPIES, MASK, 0.2).tolist() == [[0, 1, 0], [0, 0, 0]]
    assert highest_entropy(ENTROPIES, MASK, 1.0).equal(MASK)


def test_ties_at_the_threshold_are_kept_up_to_rounding():
    assert highest_entropy(ENTROPIES, MASK, 0.4).tolist() == [[0, 1, 1], [1, 0, 0]]
    noise = torch.tensor([[0, 0, 1e-6], [-1e-6, 0, 0]])
    assert highest_entropy(ENTROPIES + noise, MASK, 0.4).tolist() == [[0, 1, 1], [1, 0, 0]]


def test_nothing_is_kept_of_nothing():
    assert not highest_entropy(ENTROPIES, torch.zeros_like(MASK), 0.2).any()


def test_tokens_of_high_covariance_are_left_out():
    found = torch.tensor([[0.5, 2.0, 6.0], [3.0, 1.0, 2.0]])  # within (1, 5): two tokens, one of padding
    noise = torch.tensor([[0.0, 0.9, 0.0], [0.5, 0.0, 0.0]])
    assert without_high_covariance(found, MASK, 0.4, (1.0, 5.0), noise).tolist() == [[1, 0, 1], [0, 1, 1]]
    assert without_high_covariance(found, MASK, 0.9, (1.0, 5.0), noise).tolist() == [[1, 0, 1], [0, 1, 1]]
    assert without_high_covariance(found, MASK, 1e-4, (1.0, 5.0), noise).tolist() == [[1, 1, 1], [0, 1, 1]]
    assert without_high_covariance(found, MASK, 0.4, (10.0, 20.0), noise).equal(torch.ones(2, 3))
