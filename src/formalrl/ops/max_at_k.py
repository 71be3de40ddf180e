"""max@k: the expected best reward of k completions, as an objective, and each completion's share of it.

With k = 1 it is the mean reward; a larger k pays for what only some completions of a prompt reach, so rare right
answers are not given up for safe near misses. See PKPO, arXiv 2505.15201 (the unbiased estimators for any reward).
"""

import math

import torch
from torch import Tensor


def max_at_k(rewards: Tensor, k: int) -> Tensor:
    """Return `[P]` the unbiased estimate of the expected best of k completions from n >= k of each prompt.

    Sorted ascending, reward i (from 1) is the best of C(i - 1, k - 1) of the C(n, k) subsets.

    Args:
        rewards: `[P, n]` finite.
        k: 1 ... n.
    """
    return (rewards.sort(1).values * _shares(rewards, k)).sum(1)


def max_at_k_rewards(rewards: Tensor, k: int) -> Tensor:
    """Return `[P, n]` rewards whose policy gradient is that of max@k, up to a factor of n / k.

    s_i = 1 / C(n, k) * sum over subsets of size k that contain i of their best reward; k = 1 gives rewards / n, which a
    normalization by group makes the rewards themselves.

    Args:
        rewards: `[P, n]` finite.
        k: 1 ... n.
    """
    values, order = rewards.sort(1)
    n = rewards.shape[1]
    total = math.comb(n, k)
    best = _shares(rewards, k)  # subsets in which i is the best
    second = torch.tensor([_choose(j - 2, k - 2) / total for j in range(1, n + 1)], dtype=rewards.dtype)
    from_above = (second.to(rewards) * values).flip(1).cumsum(1).flip(1) - second.to(rewards) * values
    return torch.zeros_like(rewards).scatter_(1, order, best * values + from_above)


def _shares(rewards: Tensor, k: int) -> Tensor:
    """Return `[n]` C(i - 1, k - 1) / C(n, k) for i = 1 ... n."""
    n = rewards.shape[1]
    total = math.comb(n, k)
    return torch.tensor([_choose(i - 1, k - 1) / total for i in range(1, n + 1)], dtype=rewards.dtype).to(rewards)


def _choose(n: int, k: int) -> int:
    return math.comb(n, k) if n >= k >= 0 else 0
