from typing import Any

import pytest
import torch

from formalrl.algorithms.reinforce import REINFORCE
from formalrl.errors import ConfigError


def test_the_baseline_is_the_mean_reward_of_the_step(rollouts: Any):
    rewards = torch.tensor([1.0, 2, 3, 4, 5, 6, 7, 8, 9])
    batch = rollouts.batch.replace(rewards=rewards)
    zeros = torch.zeros_like(batch.mask)
    assert torch.allclose(REINFORCE().advantages(batch, zeros).advantages[:, 0], rewards - 5)
    # sum of squares 60, divided by 8
    normalized = REINFORCE(normalize_advantages=True).advantages(batch, zeros).advantages[:, 0]
    assert torch.allclose(normalized, (rewards - 5) / 7.5**0.5, atol=1e-6)


def test_a_step_of_one_completion_is_refused():
    REINFORCE().check(num_generations=1, prompts_per_step=2)
    with pytest.raises(ConfigError, match="is 1, but reinforce compares the completions of a step"):
        REINFORCE().check(num_generations=1, prompts_per_step=1)
