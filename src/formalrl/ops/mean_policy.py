"""The mean next-token distribution of an update, its entropy and its log barrier, exact under any micro-batching.

For completion position t let U_t be the unfinished completions of the whole update, p_t(a) the mean over U_t of
pi_b(a | s), and w_t = |U_t| / sum |U|. Pass one, without gradient, gives p_t: `no_rows`, `add_rows` per micro-batch,
`combine` over ranks, `mean_logp`. Pass two adds a term per micro-batch. Since

    d H(p_t)                   = -mean_b sum_a d pi_b(a) log p_t(a)
    d (-1/V sum_a log p_t(a))  = -mean_b sum_a d pi_b(a) / (V p_t(a)),

the derivative of each is linear in pi_b once p_t is held fixed, and the uniform token weight 1 / sum |U| is w_t times
the mean over b. So the terms of the micro-batches add up to the exact value with the exact gradient. (Uniform token
weights only: with others the mean would have to be weighted too.)
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from formalrl.ops.entropies import token_entropy
from formalrl.ops.weights import weighted_sum


@dataclass(frozen=True)
class MeanPolicy:
    """Sums over unfinished completions, in log space: a token at probability exp(-200) still has a finite barrier."""

    log_sum: Tensor
    """[T, V] log of the sum of pi_b(a | s) over the completions that are unfinished at t; -inf where it is 0."""
    counts: Tensor
    """[T] float: |U_t|."""


def no_rows(num_positions: int, vocabulary_size: int, device: torch.device | str = "cpu") -> MeanPolicy:
    """Return the sums over no completion, where a rank or an update starts."""
    log_sum = torch.full((num_positions, vocabulary_size), -torch.inf, device=device)
    return MeanPolicy(log_sum, torch.zeros(num_positions, device=device))


@torch.no_grad()
def add_rows(total: MeanPolicy, logp_all: Tensor, mask: Tensor) -> MeanPolicy:
    """Return the sums with the rows of a micro-batch added.

    Args:
        total: the sums so far.
        logp_all: `[B, T, V]`; what padding holds changes nothing.
        mask: `[B, T]` float.
    """
    rows = logp_all.masked_fill((mask == 0).unsqueeze(-1), -torch.inf).logsumexp(0)  # [T, V]
    return MeanPolicy(torch.logaddexp(total.log_sum, rows), total.counts + mask.sum(0))


def combine(parts: Sequence[MeanPolicy]) -> MeanPolicy:
    """Return the sums over all `parts`, one from each rank."""
    log_sum = torch.stack([part.log_sum for part in parts]).logsumexp(0)
    return MeanPolicy(log_sum, torch.stack([part.counts for part in parts]).sum(0))


def mean_logp(total: MeanPolicy) -> Tensor:
    """Return `[T, V]` log p_t(a); -inf where p_t(a) is 0 and at positions that no completion reaches."""
    return total.log_sum - total.counts.clamp(min=1.0).log().unsqueeze(-1)


def batch_entropy(total: MeanPolicy) -> Tensor:
    """Return the scalar H_B = sum_t w_t H(p_t), in nats: the metric `policy/batch_entropy`."""
    weights = total.counts / total.counts.sum().clamp(min=1.0)
    return weighted_sum(token_entropy(mean_logp(total)), weights)


def batch_entropy_term(logp_all: Tensor, mean_logp: Tensor, token_weights: Tensor) -> Tensor:
    """Return this micro-batch's scalar share of H_B, with the exact share of its gradient.

    Args:
        logp_all: `[B, T, V]`, differentiable.
        mean_logp: `[T, V]` of the whole update.
        token_weights: `[B, T]` uniform over the whole update.
    """
    slope = mean_logp.detach().masked_fill(mean_logp == -torch.inf, 0.0)  # [T, V]; p_t = 0 has no rows to push
    linear = -weighted_sum(torch.einsum("btv,tv->bt", logp_all.exp(), slope), token_weights)
    value = weighted_sum(token_entropy(mean_logp.detach()).expand_as(token_weights), token_weights)
    return value + linear - linear.detach()


def log_barrier_term(logp_all: Tensor, mean_logp: Tensor, token_weights: Tensor, num_permitted: int) -> Tensor:
    """Return this micro-batch's scalar share of sum_t w_t (-1/V sum_a log p_t(a)), with that of its gradient.

    V is the number of permitted tokens: undivided, the gradient would grow with the vocabulary. A token that no
    completion may sample (forbidden, or kept by none) has p_t = 0 and no gradient; it is left out of the sum.

    Args:
        logp_all: `[B, T, V]`, differentiable.
        mean_logp: `[T, V]` of the whole update.
        token_weights: `[B, T]` uniform over the whole update.
        num_permitted: how many tokens the sampler may ever emit, at least 1.

    Raises:
        ValueError: `num_permitted` is below 1.
    """
    if num_permitted < 1:
        raise ValueError(
            f"num_permitted is {num_permitted!r}, but the log barrier is a mean over permitted tokens: set 1 or more."
        )
    floor = mean_logp.detach().masked_fill(mean_logp == -torch.inf, 0.0)
    difference = (logp_all - floor).masked_fill((token_weights == 0).unsqueeze(-1), -torch.inf)  # at most log |U_t|
    linear = -weighted_sum(difference.exp().sum(-1), token_weights) / num_permitted
    value = -weighted_sum(floor.sum(-1).expand_as(token_weights), token_weights) / num_permitted
    return value + linear - linear.detach()
