"""Clipped losses of PPO, token by token: `[B, T]` in, `[B, T]` out, to be summed with weights."""

import torch
from torch import Tensor

MAX_LOG_RATIO = 20.0
"""Log-ratios are cut to this size before `exp`, so that no loss overflows; beyond it a token has no gradient."""


def log_ratio(logprobs: Tensor, old_logprobs: Tensor, mask: Tensor) -> Tensor:
    """Return `[B, T]` log(pi / pi_old), cut to +-MAX_LOG_RATIO; 0 on padding."""
    return (logprobs - old_logprobs).masked_fill(mask == 0, 0.0).clamp(-MAX_LOG_RATIO, MAX_LOG_RATIO)


def clipped_policy_loss(log_ratios: Tensor, advantages: Tensor, epsilon: float, epsilon_high: float) -> Tensor:
    """Return `[B, T]` -min(rho A, clip(rho, 1 - epsilon, 1 + epsilon_high) A), rho = exp(log_ratios).

    See arXiv 1707.06347, eq. 7; an upper bound of its own ("clip-higher") is arXiv 2503.14476, eq. 10.
    """
    ratio = log_ratios.exp()
    clipped = ratio.clamp(1.0 - epsilon, 1.0 + epsilon_high)
    return -torch.minimum(ratio * advantages, clipped * advantages)


def is_clipped(log_ratios: Tensor, advantages: Tensor, epsilon: float, epsilon_high: float) -> Tensor:
    """Return `[B, T]` float: 1 where the bound is active, so that the token has no gradient."""
    ratio = log_ratios.exp()
    too_low = (ratio < 1.0 - epsilon) & (advantages < 0)
    too_high = (ratio > 1.0 + epsilon_high) & (advantages > 0)
    return (too_low | too_high).to(log_ratios.dtype)


def clipped_value_loss(values: Tensor, old_values: Tensor, returns: Tensor, cliprange: float | None) -> Tensor:
    """Return `[B, T]` 1/2 max((V - R)^2, (V_clip - R)^2), V_clip = V_old + clip(V - V_old, -cliprange, cliprange).

    The value clipping of OpenAI's PPO. See arXiv 2005.12729, section 3. `cliprange` None: 1/2 (V - R)^2.
    """
    loss = (values - returns).square()
    if cliprange is not None:
        clipped = old_values + (values - old_values).clamp(-cliprange, cliprange)
        loss = torch.maximum(loss, (clipped - returns).square())
    return 0.5 * loss
