"""Which tokens of an update get a policy gradient: 1 or 0 for each, chosen over all rows of the update at once."""

import math

import torch
from torch import Tensor

_TOLERANCE = 1e-5
"""Entropies this near to the threshold, in nats, count as equal to it: they are measured in micro-batches."""


def highest_entropy(entropies: Tensor, mask: Tensor, fraction: float) -> Tensor:
    """Return `[B, T]` 1 on tokens whose state is among the `fraction` of most uncertain ones, ties included; else 0.

    H_t >= tau, tau the entropy of the ceil(fraction * n)-th of n tokens. See arXiv 2506.01939 (fraction 0.2).
    """
    found = entropies[mask > 0]
    if len(found) == 0:
        return torch.zeros_like(mask)
    threshold = found.topk(min(len(found), math.ceil(fraction * len(found)))).values[-1]
    return mask * (entropies >= threshold - _TOLERANCE).to(mask.dtype)


def without_high_covariance(
    covariances: Tensor, mask: Tensor, fraction: float, bounds: tuple[float, float], noise: Tensor
) -> Tensor:
    """Return `[B, T]` 0 on tokens drawn among those with a covariance within the bounds, 1 on the other tokens.

    Clip-Cov: floor(fraction * n) of the n tokens, at least 1, those of the smallest `noise` `[B, T]`; all where fewer
    qualify. See arXiv 2505.22617 (fraction 2e-4, bounds 1 and 5).
    """
    low, high = bounds
    candidates = torch.nonzero(((covariances > low) & (covariances < high) & (mask > 0)).flatten()).flatten()
    count = max(1, int(fraction * float(mask.sum())))
    drawn = noise.flatten()[candidates].argsort(stable=True)[:count]
    chosen = torch.ones_like(mask).flatten()
    chosen[candidates[drawn]] = 0.0
    return chosen.view_as(mask)
