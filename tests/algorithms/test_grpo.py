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
