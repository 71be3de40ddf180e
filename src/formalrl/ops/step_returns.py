"""Rewards of the steps of a completion, and what each step's tokens earn compared with the same step of its group."""

import torch
from torch import Tensor

from formalrl.ops.normalization import group_center, group_has_spread, group_std


def step_numbers(ends: Tensor) -> Tensor:
    """Return `[B, T]` long: the step of each token, from 0; `ends` `[B, T]` is 1 on the last token of a step."""
    return (ends.cumsum(1) - ends).long()


def step_returns(rewards: Tensor, ends: Tensor, discount: float) -> Tensor:
    """Return `[B, T]`: on every token of step j the return r_j + discount r_{j+1} + discount^2 r_{j+2} + ...

    Args:
        rewards: `[B, T]`; those of the tokens of a step add up to its reward.
        ends: `[B, T]` 1 on the last token of a step, else 0. Tokens behind the last step have return 0.
        discount: in [0, 1]; 0 pays every step for itself.
    """
    numbers = step_numbers(ends)
    count = int(numbers.max()) + 1 if numbers.numel() else 0
    by_step = rewards.new_zeros(len(rewards), count).scatter_add_(1, numbers, rewards)
    for number in reversed(range(count - 1)):
        by_step[:, number] += discount * by_step[:, number + 1]
    return by_step.gather(1, numbers)


def step_advantages(returns: Tensor, ends: Tensor, prompt_index: Tensor, mask: Tensor, *, scale: bool) -> Tensor:
    """Return `[B, T]`: each step's return less the mean of the same step over its group; 0 on padding.

    The rows of a group that have a step of that number are compared; a step that only one row has gets 0. With `scale`
    the difference is divided by their standard deviation (divisor n - 1). Process supervision of arXiv 2402.03300,
    section 4.1.3, but for the groups: there all steps of a prompt share one mean.

    Args:
        returns: `[B, T]` from `step_returns`.
        ends: `[B, T]` 1 on the last token of a step.
        prompt_index: `[B]` long.
        mask: `[B, T]` float, 1 on completion tokens.
    """
    numbers = step_numbers(ends)
    count = int(numbers.max()) + 1 if numbers.numel() else 0
    last = ends > 0  # one token a step stands for it
    values = returns[last]
    groups = (prompt_index.unsqueeze(1) * count + numbers)[last]
    advantages = group_center(values, groups)
    if scale:
        advantages = advantages / torch.where(group_has_spread(values, groups), group_std(values, groups), 1.0)
    by_step = returns.new_zeros(len(returns), count)
    by_step[last.nonzero()[:, 0], numbers[last]] = advantages
    return by_step.gather(1, numbers) * mask
