"""How each token moves the entropy: its share of the covariance of log-probability and advantage, and ranks of it.

Under the policy gradient the entropy falls in proportion to Cov(log pi(a|s), A). See arXiv 2505.22617.
"""

import torch
from torch import Tensor


def covariances(advantages: Tensor, logprobs: Tensor, mask: Tensor) -> Tensor:
    """Return `[B, T]` (A - mean A) (log pi - mean log pi), means over the tokens of `mask`; 0 on padding.

    Their mean is the covariance; tokens high above it cost most entropy. All rows of an update must be there.
    """
    weights = mask / mask.sum().clamp(min=1.0)
    centered = [values - (values * weights).sum() for values in (advantages * mask, logprobs * mask)]
    return centered[0] * centered[1] * mask


def share_above(values: Tensor, mask: Tensor) -> Tensor:
    """Return `[B, T]` the share of the tokens of `mask` that come before each one in descending order, in [0, 1).

    The largest has 0, so `share_above(...) < fraction` chooses the first ceil(fraction * n) of n; equal values come in
    order of rows and positions. Infinite on padding.
    """
    order = values.masked_fill(mask == 0, -torch.inf).flatten().argsort(descending=True, stable=True)
    places = torch.empty_like(order)
    places[order] = torch.arange(len(order), device=order.device)
    shares = places.view_as(values).to(values.dtype) / mask.sum().clamp(min=1.0)
    return shares.masked_fill(mask == 0, torch.inf)
