"""Log-probabilities of a completion under a mixture of prompts: what a policy would write without knowing which."""

import math

from torch import Tensor


def mixture_logprobs(logprobs: Tensor, mask: Tensor) -> Tensor:
    """Return `[B, T]` log p_mix(z_t | z_<t), p_mix(z) = mean_j p(z | x_j); 0 on padding.

    Summed over the first t tokens it is log mean_j p(z_1 ... z_t | x_j).

    Args:
        logprobs: `[J, B, T]` finite log-probabilities of the tokens of each completion after each of J prompts.
        mask: `[B, T]`.
    """
    sums = logprobs.masked_fill(mask == 0, 0.0).double().cumsum(-1).logsumexp(0) - math.log(len(logprobs))
    steps = sums.diff(dim=-1, prepend=sums.new_zeros(len(sums), 1))
    return (steps * mask).to(logprobs.dtype)
