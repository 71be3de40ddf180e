"""Which tokens top-k, top-p and min-p keep: pure functions of log-probabilities `[..., V]`.

Tokens at -inf are never kept. Of equally probable tokens the lower id comes first, on every device.
"""

import torch
from torch import Tensor


def top_k(logp: Tensor, k: int) -> Tensor:
    """Return bool `[..., V]`: the `k` most probable tokens, or all possible ones where there are fewer."""
    return _from_ranks(logp, _ranks(logp) < k)


def top_p(logp: Tensor, p: float) -> Tensor:
    """Return bool `[..., V]`: the shortest run of most probable tokens whose probabilities sum to at least `p` of all.

    At least one token is kept. `logp` need not be normalized.
    """
    ordered, order = logp.double().sort(dim=-1, descending=True, stable=True)
    probabilities = ordered.softmax(-1)
    before = probabilities.cumsum(-1) - probabilities  # the sum over all tokens that come earlier
    keep = before < p
    keep[..., 0] = True
    return _from_ranks(logp, torch.zeros_like(keep).scatter(-1, order, keep))


def min_p(logp: Tensor, share: float) -> Tensor:
    """Return bool `[..., V]`: tokens at least `share` times as probable as the most probable one."""
    relative = (logp.double() - logp.double().amax(-1, keepdim=True)).exp()
    return _from_ranks(logp, relative >= share)


def _ranks(logp: Tensor) -> Tensor:
    """[..., V] long: 0 for the most probable token."""
    order = logp.sort(dim=-1, descending=True, stable=True).indices
    places = torch.arange(logp.shape[-1], device=logp.device).expand_as(order)
    return torch.empty_like(order).scatter(-1, order, places)


def _from_ranks(logp: Tensor, keep: Tensor) -> Tensor:
    return keep & (logp > -torch.inf)
