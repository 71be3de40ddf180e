"""Means and spreads of rewards and advantages: over masks, over groups, and without the row itself.

A spread that is only rounding is no spread: values that agree to `RELATIVE_SPREAD` of their size, or to `LEAST_SPREAD`,
count as equal, and whatever is divided by such a spread is exactly 0 instead of amplified noise.
"""

import torch
from torch import Tensor

RELATIVE_SPREAD = 1e-5
"""Values whose range is at most this fraction of their largest magnitude are taken as equal (float32 resolves 1e-7)."""
LEAST_SPREAD = 1e-18
"""... and those within this, whatever their magnitude: squares of less underflow, to a spread of 0."""


def masked_mean(values: Tensor, mask: Tensor) -> Tensor:
    """Return the scalar mean over the entries where `mask` is 1; 0 when there is none."""
    return values.masked_fill(mask == 0, 0.0).sum() / mask.sum().clamp(min=1.0)


def masked_std(values: Tensor, mask: Tensor) -> Tensor:
    """Return the scalar standard deviation (divisor n - 1) over the entries where `mask` is 1."""
    squares = (values - masked_mean(values, mask)).masked_fill(mask == 0, 0.0).square()
    return (squares.sum() / (mask.sum() - 1.0).clamp(min=1.0)).sqrt()


def normalize(values: Tensor, mask: Tensor) -> Tensor:
    """Return (values - mean) / std over the entries where `mask` is 1; 0 elsewhere, and 0 everywhere without spread."""
    counts = mask > 0
    kept = values[counts]
    result = torch.zeros_like(values)
    if not bool(has_spread(kept)):
        return result
    result[counts] = (kept - kept.mean()) / kept.std()
    return result


def center(values: Tensor) -> Tensor:
    """Return values `[B]` minus their mean; exactly 0 without spread."""
    return torch.where(has_spread(values), values - values.mean(), 0.0)


def has_spread(values: Tensor) -> Tensor:
    """Return a scalar bool: True when the values differ by more than rounding; False for fewer than two."""
    if values.numel() < 2:
        return torch.zeros((), dtype=torch.bool, device=values.device)
    low, high = values.aminmax()
    return (high - low) > (RELATIVE_SPREAD * torch.maximum(high.abs(), low.abs())).clamp(min=LEAST_SPREAD)


def group_count(prompt_index: Tensor) -> Tensor:
    """Return `[B]` float: for every row, how many rows share its prompt."""
    return _group_sum(torch.ones_like(prompt_index, dtype=torch.float32), prompt_index)


def group_mean(values: Tensor, prompt_index: Tensor) -> Tensor:
    """Return `[B]`: for every row, the mean of `values` `[B]` over the rows of its prompt; groups may be ragged."""
    return _group_sum(values, prompt_index) / group_count(prompt_index)


def group_std(values: Tensor, prompt_index: Tensor) -> Tensor:
    """Return `[B]`: for every row, the standard deviation (divisor n - 1) over the rows of its prompt."""
    squares = (values - group_mean(values, prompt_index)).square()
    return (_group_sum(squares, prompt_index) / (group_count(prompt_index) - 1.0).clamp(min=1.0)).sqrt()


def group_has_spread(values: Tensor, prompt_index: Tensor) -> Tensor:
    """Return `[B]` bool: True when the rows of the row's prompt differ by more than rounding."""
    groups = _num_groups(prompt_index)
    bounds: list[Tensor] = []
    for reduce, start in (("amin", torch.inf), ("amax", -torch.inf)):
        bound = values.new_full((groups,), start)
        bounds.append(bound.scatter_reduce(0, prompt_index, values, reduce)[prompt_index])
    low, high = bounds
    return (high - low) > (RELATIVE_SPREAD * torch.maximum(high.abs(), low.abs())).clamp(min=LEAST_SPREAD)


def group_center(values: Tensor, prompt_index: Tensor) -> Tensor:
    """Return `[B]` values minus the mean of the row's prompt; exactly 0 in groups without spread."""
    spread = group_has_spread(values, prompt_index)
    return torch.where(spread, values - group_mean(values, prompt_index), 0.0)


def leave_one_out_mean(values: Tensor, prompt_index: Tensor) -> Tensor:
    """Return `[B]`: for every row, the mean over the *other* rows of its prompt; 0 for a row that is alone.

    See arXiv 2402.14740, section 3 (RLOO).
    """
    others = (group_count(prompt_index) - 1.0).clamp(min=1.0)
    return (_group_sum(values, prompt_index) - values) / others


def _group_sum(values: Tensor, prompt_index: Tensor) -> Tensor:
    sums = values.new_zeros(_num_groups(prompt_index)).index_add(0, prompt_index, values)
    return sums[prompt_index]


def _num_groups(prompt_index: Tensor) -> int:
    return int(prompt_index.max()) + 1 if prompt_index.numel() else 0
