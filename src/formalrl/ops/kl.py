"""KL(p || q) between policies, in nats: estimates from the sampled tokens, and exactly over the vocabulary.

The estimators k1, k2, k3 are J. Schulman, "Approximating KL divergence" (2020, joschu.net/blog/kl-approx.html); with
d = log p(a) - log q(a) of a token a sampled from p. As a *loss*, k1 has a gradient of mean 0 and is of no use; k2 has,
on average, the gradient of KL(p || q), and k3 that of KL(q || p).
"""

import torch
from torch import Tensor

from formalrl.ops.surrogate import MAX_LOG_RATIO


def k1(logprobs: Tensor, ref_logprobs: Tensor) -> Tensor:
    """Return `[B, T]` d: unbiased, of either sign."""
    return logprobs - ref_logprobs


def k2(logprobs: Tensor, ref_logprobs: Tensor) -> Tensor:
    """Return `[B, T]` d^2 / 2: never negative, biased."""
    return 0.5 * (logprobs - ref_logprobs).square()


def k3(logprobs: Tensor, ref_logprobs: Tensor) -> Tensor:
    """Return `[B, T]` exp(-d) - 1 + d: never negative, unbiased. The exponent is cut at MAX_LOG_RATIO."""
    difference = ref_logprobs - logprobs
    return torch.expm1(difference.clamp(max=MAX_LOG_RATIO)) - difference


def exact_kl(logp_all: Tensor, ref_logp_all: Tensor) -> Tensor:
    """Return `[...]` sum_a p(a) (log p(a) - log q(a)); tokens at -inf in p add 0, so both may share a kept set.

    Args:
        logp_all: `[..., V]` log p.
        ref_logp_all: `[..., V]` log q. Infinite where q is 0 and p is not.
    """
    difference = (logp_all - ref_logp_all).masked_fill(logp_all == -torch.inf, 0.0)
    return (logp_all.exp() * difference).sum(-1)


def sequence_kl(logprobs: Tensor, ref_logprobs: Tensor, mask: Tensor) -> Tensor:
    """Return `[B]` k1 summed over each completion; its mean over rows is `policy/kl_sequence`."""
    return k1(logprobs, ref_logprobs).masked_fill(mask == 0, 0.0).sum(1)
