"""The k of max@k over a run, and its rewards for ragged groups."""

import pytest
import torch

from formalrl.batch import Batch
from formalrl.config import resolve
from formalrl.ops.max_at_k import max_at_k_rewards
from formalrl.training.objective import k_of_step, towards_max_at_k


def test_k_is_held_then_falls_to_one():
    settings = {"max_steps": 100, "max_at_k": 8, "max_at_k_hold": 0.3, "max_at_k_until": 0.6, "num_generations": 16}
    config = resolve({"task": "arithmetic"}, settings)
    # between 30 and 60, k = 8 ** (1 - (step - 30) / 30): 4 after a third of it, 2 after two thirds
    assert [k_of_step(config, step) for step in (0, 30, 40, 50, 60, 99)] == [8, 8, 4, 2, 1, 1]


def test_groups_of_different_sizes_are_each_their_own():
    rewards = torch.tensor([1.0, 3.0, 2.0, 5.0])
    ones = torch.ones(4, 1)
    batch = Batch(
        prompt_ids=torch.zeros(2, 1).long(),
        prompt_mask=torch.ones(2, 1),
        prompt_index=torch.tensor([0, 0, 0, 1]),
        completion_ids=ones.long(),
        mask=ones,
        old_logprobs=-ones,
        rewards=rewards,
    )
    changed = towards_max_at_k(batch, 2).rewards
    assert changed[:3].tolist() == pytest.approx((max_at_k_rewards(rewards[None, :3], 2)[0] * 3).tolist())
    assert changed[3].item() == pytest.approx(5.0)  # one row: k is 1, nothing changes
    assert towards_max_at_k(batch, 1) is batch
