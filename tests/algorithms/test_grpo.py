import math
from typing import Any

import pytest
import torch

from formalrl.algorithms.grpo import GRPO
from formalrl.errors import ConfigError

REWARDS = torch.tensor([1.0, 2.0, 6.0, 4.0, 8.0, 0.5, 0.5, 0.5, 0.5])
"""Groups of 3, 2 and 4; the last has no spread."""


def row_advantages(grpo: GRPO, rollouts: Any) -> torch.Tensor:
    batch = rollouts.batch.replace(rewards=REWARDS)
    return grpo.advantages(batch, torch.zeros_like(batch.mask)).advantages[:, 0]


def test_advantages_by_hand(rollouts: Any):
    centered = torch.tensor([-2.0, -1, 3, -2, 2, 0, 0, 0, 0])
    group = torch.tensor([math.sqrt(7)] * 3 + [math.sqrt(8)] * 2 + [1.0] * 4)
    assert torch.allclose(row_advantages(GRPO(scale_rewards="none"), rollouts), centered)
    assert torch.allclose(row_advantages(GRPO(scale_rewards="group"), rollouts), centered / group)
    # all nine: sum 23, squares 122, variance (122 - 23^2 / 9) / 8
    batch = math.sqrt((122 - 529 / 9) / 8)
    assert torch.allclose(row_advantages(GRPO(scale_rewards="batch"), rollouts), centered / batch, atol=1e-6)


@pytest.mark.parametrize("scale", ["group", "batch", "none"])
def test_a_group_without_spread_gets_exactly_zero(rollouts: Any, scale: Any):
    assert row_advantages(GRPO(scale_rewards=scale), rollouts)[5:].tolist() == [0.0] * 4


@pytest.mark.parametrize("scale", ["group", "batch", "none"])
def test_advantages_of_every_group_have_mean_zero(rollouts: Any, scale: Any):
    advantages = row_advantages(GRPO(scale_rewards=scale), rollouts)
    for rows in (slice(0, 3), slice(3, 5), slice(5, 9)):
        assert advantages[rows].sum().abs() < 1e-5


def test_advantages_by_group_ignore_the_scale_of_the_reward(rollouts: Any):
    batch = rollouts.batch
    small = GRPO().advantages(batch.replace(rewards=1e-3 * REWARDS + 1), torch.zeros_like(batch.mask)).advantages
    assert torch.allclose(small[:, 0], row_advantages(GRPO(), rollouts), atol=1e-3)


def test_steps_are_paid_for_themselves(rollouts: Any):
    ends = torch.zeros_like(rollouts.batch.mask)
    ends[torch.arange(9), rollouts.batch.mask.sum(1).long() - 1] = 1.0
    ends[0, 0] = ends[2, 0] = 1.0  # rows of 3, 1 and 4 tokens: two steps, one, two
    batch = rollouts.batch.replace(step_ends=ends, step_rewards=ends * REWARDS.unsqueeze(1))
    grpo = GRPO(credit="steps", scale_rewards="none")
    advantages = grpo.advantages(batch, torch.zeros_like(batch.mask)).advantages
    assert advantages[0].tolist() == [-2, -2.5, -2.5, 0]  # 1, 2, 6: mean 3; second step 1, 6: mean 3.5
    assert advantages[1].tolist() == [-1, 0, 0, 0]
    assert advantages[2].tolist() == [3, 2.5, 2.5, 2.5]
    assert advantages[3].tolist() == [-2, -2, 0, 0]
    further = GRPO(credit="steps", scale_rewards="none", step_discount=1.0)
    assert further.advantages(batch, torch.zeros_like(batch.mask)).advantages[0, 0] == pytest.approx(
        2 - (2 + 2 + 12) / 3
    )
    penalty = torch.zeros_like(batch.mask)
    penalty[0, 1] = 1.0  # off the second step of the first row: 0, 6
    assert grpo.advantages(batch, penalty).advantages[0].tolist() == [-2, -3, -3, 0]


def test_loss_types_by_hand():
    mask = torch.tensor([[1.0, 1.0, 1.0], [1.0, 0.0, 0.0]])
    assert torch.allclose(GRPO(loss_type="dapo").loss_weights(mask, 5), mask / 4)
    assert torch.allclose(GRPO(loss_type="dr_grpo").loss_weights(mask, 5), mask / 10)
    assert torch.allclose(GRPO(loss_type="grpo").loss_weights(mask, 5), mask / torch.tensor([[6.0], [2.0]]))


def test_settings_that_cannot_work_are_refused():
    with pytest.raises(ConfigError, match="num_generations is 1, but grpo compares"):
        GRPO().check(num_generations=1, prompts_per_step=8)
    with pytest.raises(ConfigError, match="loss_type is 'mean'"):
        GRPO(loss_type="mean")  # pyright: ignore[reportArgumentType]
    with pytest.raises(ConfigError, match="scale_rewards is 'std'"):
        GRPO(scale_rewards="std")  # pyright: ignore[reportArgumentType]
    with pytest.raises(ConfigError, match="credit is 'tokens'"):
        GRPO(credit="tokens")  # pyright: ignore[reportArgumentType]
    with pytest.raises(ConfigError, match="step_discount is 2"):
        GRPO(step_discount=2)
    with pytest.raises(ConfigError, match="scale_rewards is 'batch', but credit"):
        GRPO(credit="steps", scale_rewards="batch")
