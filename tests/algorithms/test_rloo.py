from typing import Any

import pytest
import torch

from formalrl.algorithms.rloo import RLOO
from formalrl.errors import ConfigError


def test_advantages_by_hand(rollouts: Any):
    rewards = torch.tensor([1.0, 2.0, 6.0, 4.0, 8.0, 0.5, 0.5, 0.5, 0.5])
    batch = rollouts.batch.replace(rewards=rewards)
    advantages = RLOO().advantages(batch, torch.zeros_like(batch.mask)).advantages
    # 1 - (2 + 6) / 2, 2 - (1 + 6) / 2, 6 - (1 + 2) / 2; 4 - 8, 8 - 4; no spread
    assert torch.allclose(advantages[:, 0], torch.tensor([-3.0, -1.5, 4.5, -4.0, 4.0, 0, 0, 0, 0]))
    assert not advantages[5:].any()


def test_the_baseline_of_a_row_does_not_see_its_own_reward(rollouts: Any):
    batch = rollouts.batch.replace(rewards=torch.arange(9.0))
    more = batch.replace(rewards=batch.rewards + torch.tensor([1.0, 0, 0, 0, 0, 0, 0, 0, 0]))
    zeros = torch.zeros_like(batch.mask)
    change = RLOO().advantages(more, zeros).advantages - RLOO().advantages(batch, zeros).advantages
    # its own advantage rises by all of it, those of the two others fall by their share
    assert torch.allclose(change[:3, 0], torch.tensor([1.0, -0.5, -0.5]))
    assert not change[3:].any()


def test_groups_of_one_are_refused():
    with pytest.raises(ConfigError, match="num_generations is 1, but rloo compares"):
        RLOO().check(num_generations=1, prompts_per_step=8)
