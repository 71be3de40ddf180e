import math

import pytest
import torch

from formalrl.ops.returns import explained_variance, generalized_advantages, token_rewards

MASK = torch.tensor([[1.0, 1.0, 1.0], [1.0, 1.0, 0.0]])


def test_the_reward_stands_on_the_last_completion_token():
    penalty = torch.tensor([[0.1, -0.2, 0.3], [0.1, 0.2, math.nan]])
    rewards = token_rewards(torch.tensor([1.0, 2.0]), penalty, MASK)
    assert torch.allclose(rewards, torch.tensor([[-0.1, 0.2, 0.7], [-0.1, 1.8, 0.0]]))


def test_an_empty_completion_gets_no_reward():
    assert not token_rewards(torch.tensor([5.0]), torch.zeros(1, 3), torch.zeros(1, 3)).any()


def test_advantages_by_hand():
    rewards = torch.tensor([[0.0, 0.0, 1.0]])
    values = torch.tensor([[0.5, 0.2, 0.4]])
    # gamma 0.5, lambda 0.5: deltas 0 + 0.1 - 0.5, 0 + 0.2 - 0.2, 1 - 0.4 = -0.4, 0, 0.6
    # A2 = 0.6, A1 = 0 + 0.25 * 0.6 = 0.15, A0 = -0.4 + 0.25 * 0.15 = -0.3625
    advantages = generalized_advantages(rewards, values, torch.ones(1, 3), gamma=0.5, lam=0.5)
    assert torch.allclose(advantages, torch.tensor([[-0.3625, 0.15, 0.6]]), atol=1e-6)


def test_lambda_one_is_return_minus_value_and_lambda_zero_is_one_step():
    rewards, values = torch.tensor([[1.0, 2.0]]), torch.tensor([[0.5, 0.25]])
    ones = torch.ones(1, 2)
    assert torch.allclose(generalized_advantages(rewards, values, ones, 1.0, 1.0), torch.tensor([[2.5, 1.75]]))
    assert torch.allclose(generalized_advantages(rewards, values, ones, 1.0, 0.0), torch.tensor([[0.75, 1.75]]))


@pytest.mark.parametrize("garbage", [0.0, 1e9, math.nan])
def test_padding_never_leaks_into_advantages(garbage: float):
    torch.manual_seed(0)
    rewards, values = torch.randn(2, 3), torch.randn(2, 3)
    rewards[1, 2] = values[1, 2] = garbage
    ragged = generalized_advantages(rewards, values, MASK, 0.9, 0.8)
    alone = generalized_advantages(rewards[1:, :2], values[1:, :2], torch.ones(1, 2), 0.9, 0.8)
    assert torch.equal(ragged[1, :2], alone[0])
    assert ragged[1, 2] == 0


def test_explained_variance_by_hand():
    returns = torch.tensor([[1.0, 3.0, math.nan]])
    mask = torch.tensor([[1.0, 1.0, 0.0]])
    assert explained_variance(returns, returns, mask).item() == pytest.approx(1.0)
    assert explained_variance(torch.full((1, 3), 2.0), returns, mask).item() == pytest.approx(0.0)
    # errors 1 - 3, 3 - 1 = -2, 2: variance 8 against 2
    assert explained_variance(torch.tensor([[3.0, 1.0, 7.0]]), returns, mask).item() == pytest.approx(-3.0)


def test_returns_without_spread_explain_nothing():
    assert explained_variance(torch.zeros(1, 2), torch.ones(1, 2), torch.ones(1, 2)).item() == 0.0
