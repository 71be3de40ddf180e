"""Covariances and ranks of tokens, by hand and over an update that is cut."""

import pytest
import torch

from formalrl.ops.covariance import covariances, share_above

MASK = torch.tensor([[1.0, 1.0], [1.0, 0.0]])
ADVANTAGES = torch.tensor([[1.0, 1.0], [-2.0, 99.0]])
LOGPROBS = torch.tensor([[-1.0, -2.0], [-3.0, -99.0]])


def test_covariances_by_hand():
    # means over three tokens: A 0, log pi -2
    found = covariances(ADVANTAGES, LOGPROBS, MASK)
    assert found.tolist() == [[pytest.approx(1.0), pytest.approx(0.0)], [pytest.approx(2.0), 0.0]]


def test_their_mean_is_the_covariance():
    torch.manual_seed(0)
    advantages, logprobs = torch.randn(5, 7), torch.randn(5, 7)
    wanted = torch.cov(torch.stack([advantages.flatten(), logprobs.flatten()]), correction=0)[0, 1]
    assert covariances(advantages, logprobs, torch.ones(5, 7)).mean().item() == pytest.approx(wanted.item(), abs=1e-6)


def test_shares_count_the_larger_ones():
    assert share_above(torch.tensor([[1.0, 0.0], [2.0, 50.0]]), MASK).flatten().tolist() == pytest.approx(
        [1 / 3, 2 / 3, 0.0, torch.inf]
    )


@pytest.mark.parametrize(("fraction", "count"), [(1e-4, 1), (0.2, 2), (0.21, 3), (1.0, 10)])
def test_a_fraction_chooses_its_share_of_the_tokens_and_one_at_least(fraction, count):
    values, mask = torch.randn(2, 6), torch.tensor([[1.0] * 6, [1.0] * 4 + [0.0] * 2])
    chosen = share_above(values, mask) < fraction
    assert chosen.sum() == count
    assert values[chosen].min() >= values[(~chosen) & (mask > 0)].max() if count < 10 else True


def test_equal_values_come_in_order():
    assert share_above(torch.zeros(1, 4), torch.ones(1, 4)).flatten().tolist() == [0.0, 0.25, 0.5, 0.75]
