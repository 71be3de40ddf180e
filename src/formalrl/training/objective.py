"""What is learned for: the mean reward, or early in a run the best of k completions."""

import torch

from formalrl.batch import Batch
from formalrl.config import TrainConfig
from formalrl.ops.max_at_k import max_at_k_rewards


def k_of_step(config: TrainConfig, step: int) -> int:
    """Return the k of max@k at `step` (from 0): held at first, then falling geometrically to 1."""
    progress = step / config.max_steps
    fall = (progress - config.max_at_k_hold) / (config.max_at_k_until - config.max_at_k_hold)
    return max(1, round(config.max_at_k ** (1.0 - min(1.0, max(0.0, fall)))))


def towards_max_at_k(batch: Batch, k: int) -> Batch:
    """Return the batch with rewards whose policy gradient is that of max@k, group by group, times the group's size.

    A group with fewer than k rows takes k as its size.
    """
    if k == 1:
        return batch
    rewards = batch.rewards.clone()
    for size in torch.bincount(batch.prompt_index).unique().tolist():
        counts = torch.bincount(batch.prompt_index)
        rows = torch.nonzero(counts[batch.prompt_index] == size).flatten()
        groups = batch.rewards[rows].double().view(-1, size)
        rewards[rows] = (max_at_k_rewards(groups, min(k, size)) * size).flatten().to(rewards)
    return batch.replace(rewards=rewards)
