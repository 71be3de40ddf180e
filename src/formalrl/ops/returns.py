"""Token rewards, generalized advantage estimates and returns of ragged completions."""

import torch
from torch import Tensor

from formalrl.ops.normalization import has_spread


def token_rewards(rewards: Tensor, kl_penalty: Tensor, mask: Tensor) -> Tensor:
    """Return `[B, T]`: -kl_penalty on every completion token, plus the row's reward on its last one; 0 on padding.

    Args:
        rewards: `[B]`.
        kl_penalty: `[B, T]` coef * (old_logprobs - ref_logprobs), of either sign.
        mask: `[B, T]` float. A row without a token gets no reward.
    """
    positions = torch.arange(mask.shape[1], device=mask.device)
    last = torch.where(mask > 0, positions, -1).amax(1, keepdim=True)  # [B, 1]; -1: no token
    final = (positions == last).to(mask.dtype)
    return rewards.unsqueeze(1) * final - kl_penalty.masked_fill(mask == 0, 0.0)


def generalized_advantages(rewards: Tensor, values: Tensor, mask: Tensor, gamma: float, lam: float) -> Tensor:
    """Return `[B, T]` advantages; 0 on padding, and what padding holds changes nothing.

    A_t = delta_t + gamma lam A_{t+1},  delta_t = r_t + gamma V_{t+1} - V_t, with V and A 0 after the last token (a
    completion cut by the length limit ends there too). See arXiv 1506.02438, eq. 16.

    Args:
        rewards: `[B, T]` per token.
        values: `[B, T]` value of the state in which token t was chosen.
        mask: `[B, T]` float, right-padded.
        gamma: discount in [0, 1].
        lam: lambda of GAE in [0, 1].
    """
    values = values.masked_fill(mask == 0, 0.0)
    rewards = rewards.masked_fill(mask == 0, 0.0)
    advantages = torch.zeros_like(values)
    next_value = next_advantage = values.new_zeros(values.shape[0])
    for t in reversed(range(values.shape[1])):
        delta = rewards[:, t] + gamma * next_value - values[:, t]
        next_advantage = delta + gamma * lam * next_advantage
        next_value = values[:, t]
        advantages[:, t] = next_advantage
    return advantages


def explained_variance(values: Tensor, returns: Tensor, mask: Tensor) -> Tensor:
    """Return the scalar 1 - Var(returns - values) / Var(returns) over the completion tokens, at most 1.

    1 = the value head foresees every return, 0 = no better than their mean, below 0 = worse. It is no weighted sum, so
    it needs all rows of the step at once. 0 when the returns have no spread.
    """
    counts = mask > 0
    target = returns[counts]
    if not bool(has_spread(target)):
        return returns.new_zeros(())
    return 1.0 - (target - values[counts]).var() / target.var()
