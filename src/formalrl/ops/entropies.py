"""Shannon entropy of next-token distributions, in nats, with its gradient at the cost of one extra tensor."""

from typing import Any, cast

import torch
from torch import Tensor


class _Entropy(torch.autograd.Function):
    """H = -sum_a p(a) log p(a) of log-probabilities, with dH / dlog p(a) = -p(a) (log p(a) + 1).

    Only the input is kept for the backward pass; plain autograd would keep three tensors of its size.
    """

    @staticmethod
    def forward(ctx: Any, logp_all: Tensor) -> Tensor:
        ctx.save_for_backward(logp_all)
        return -(logp_all.exp() * _finite(logp_all)).sum(-1)

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Tensor) -> Tensor:
        (logp_all,) = ctx.saved_tensors
        return logp_all.exp().mul_(_finite(logp_all) + 1.0).mul_(-grad_outputs[0].unsqueeze(-1))


def _finite(logp_all: Tensor) -> Tensor:
    """Return log-probabilities with 0 for -inf, whose probability of 0 then multiplies a finite number."""
    return logp_all.masked_fill(logp_all == -torch.inf, 0.0)


def token_entropy(logp_all: Tensor) -> Tensor:
    """Return `[...]` the entropy of every distribution in `logp_all` `[..., V]`; tokens at -inf add 0.

    Differentiable once. A row that is -inf throughout has entropy 0.
    """
    return cast(Tensor, _Entropy.apply(logp_all))  # pyright: ignore[reportUnknownMemberType]
