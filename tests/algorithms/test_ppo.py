import math
from dataclasses import replace
from typing import Any

import pytest
import torch

from formalrl.algorithms.ppo import PPO
from formalrl.batch import PolicyOutput
from formalrl.errors import ConfigError


def two_rows(rollouts: Any) -> Any:
    mask = torch.tensor([[1.0, 1.0], [1.0, 0.0]])
    rows = rollouts.batch.select(torch.tensor([0, 1]))
    return rows.replace(
        completion_ids=rows.completion_ids[:, :2],
        mask=mask,
        old_logprobs=torch.zeros(2, 2),
        ref_logprobs=None,
        rewards=torch.tensor([1.0, 0.0]),
        old_values=torch.tensor([[0.5, 0.4], [0.3, 99.0]]),
        token_weights=mask / 3,
        loss_weights=mask / 3,
    )


def test_advantages_and_returns_by_hand(rollouts: Any):
    penalty = torch.tensor([[0.1, 0.2], [0.0, 7.0]])
    ppo = PPO(gamma=1.0, lam=0.5, normalize_advantages=False)
    batch = ppo.advantages(two_rows(rollouts), penalty)
    # row 0: token rewards -0.1, 0.8; deltas -0.1 + 0.4 - 0.5 = -0.2, 0.8 - 0.4 = 0.4; A = -0.2 + 0.5 * 0.4, 0.4
    # row 1: 0 - 0.3
    assert torch.allclose(batch.advantages, torch.tensor([[0.0, 0.4], [-0.3, 0.0]]), atol=1e-6)
    assert torch.allclose(batch.returns, torch.tensor([[0.5, 0.8], [0.0, 0.0]]), atol=1e-6)


def test_normalized_advantages_by_hand_leave_the_returns_alone(rollouts: Any):
    batch = PPO(lam=0.5).advantages(two_rows(rollouts), torch.tensor([[0.1, 0.2], [0.0, 7.0]]))
    # tokens 0, 0.4, -0.3: mean 1/30, squares (1 + 121 + 100) / 900, std sqrt(222 / 1800)
    std = math.sqrt(222 / 1800)
    wanted = torch.tensor([[-1 / 30, 11 / 30], [-1 / 3, 0.0]]) / std
    assert torch.allclose(batch.advantages, wanted, atol=1e-5)
    assert torch.allclose(batch.returns, torch.tensor([[0.5, 0.8], [0.0, 0.0]]), atol=1e-6)


def test_the_value_loss_joins_with_its_coefficient(rollouts: Any):
    batch = two_rows(rollouts).replace(
        advantages=torch.zeros(2, 2), returns=torch.tensor([[1.0, 1.0], [0.0, 5.0]]), old_values=torch.zeros(2, 2)
    )
    output = PolicyOutput(torch.zeros(2, 2), torch.zeros(2, 2, 1), torch.tensor([[0.1, 1.0], [0.5, -9.0]]))
    # (0.9^2, clipped 0.2: 0.8^2, 0.5^2 unclipped is the larger) / 2
    wanted = 0.1 * (0.81 + 0.64 + 0.25) / 2 / 3
    term = PPO().loss(output, batch)
    assert term.loss.item() == pytest.approx(wanted, abs=1e-6)
    assert term.metrics["loss/value"].item() == pytest.approx(wanted, abs=1e-6)
    free = PPO(cliprange_value=None, vf_coef=1.0).loss(output, batch)
    assert free.loss.item() == pytest.approx((0.81 + 0.0 + 0.25) / 2 / 3, abs=1e-6)


def test_values_are_needed(rollouts: Any):
    with pytest.raises(ValueError, match="old_values is None"):
        PPO().advantages(rollouts.batch.replace(old_values=None), torch.zeros_like(rollouts.batch.mask))


def test_defaults_are_those_of_the_paper():
    ppo = PPO()
    assert (ppo.gamma, ppo.lam, ppo.epsilon, ppo.cliprange_value) == (1.0, 0.95, 0.2, 0.2)
    assert (ppo.vf_coef, ppo.num_ppo_epochs) == (0.1, 4)


@pytest.mark.parametrize("setting", [{"gamma": 1.1}, {"lam": -0.1}, {"vf_coef": -1.0}, {"cliprange_value": 0.0}])
def test_settings_that_cannot_work_are_refused(setting: dict[str, float]):
    with pytest.raises(ConfigError, match=next(iter(setting))):
        replace(PPO(), **setting)
