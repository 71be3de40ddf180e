"""Rollouts -> Batch: drop what must not count, pad, and keep the rows of a prompt together."""

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor

from formalrl.batch import Batch
from formalrl.training.rollouts import Rollouts


def collate(
    rollouts: Rollouts,
    *,
    pad_token_id: int,
    min_group_size: int = 1,
    truncation: Literal["keep", "mask", "penalize"] = "keep",
    truncation_penalty: float = 0.0,
) -> Batch | None:
    """Return the rollouts that count as tensors, or None when there are none.

    Rows whose scorer failed are left out, then groups with fewer than `min_group_size` rows. Completions that the
    run's length limit cut are kept, masked (they count in the baseline, not in the loss) or have `truncation_penalty`
    taken off.
    """
    rewards = rollouts.rewards()
    scored = ~torch.isnan(rewards)
    sizes = torch.zeros(len(rollouts.prompts)).index_add_(0, rollouts.prompt_index, scored.float())
    rows = torch.nonzero(scored & (sizes[rollouts.prompt_index] >= min_group_size)).flatten()
    if len(rows) == 0:
        return None
    cut = rollouts.truncated()
    mask = rollouts.samples.mask.float()
    if truncation == "mask":
        mask = mask * (~cut).float().unsqueeze(1)
    elif truncation == "penalize":
        rewards = rewards - truncation_penalty * cut.float()
    prompt_ids, prompt_mask = pad_left(rollouts.prompt_ids, pad_token_id)
    return Batch(
        prompt_ids=prompt_ids,
        prompt_mask=prompt_mask,
        prompt_index=rollouts.prompt_index,
        completion_ids=rollouts.samples.completion_ids,
        mask=mask,
        old_logprobs=rollouts.samples.logprobs.float() * mask,
        rewards=rewards,
        kept=rollouts.samples.kept,
    ).select(rows)


def pad_left(rows: Sequence[Sequence[int]], pad_token_id: int) -> tuple[Tensor, Tensor]:
    """Return ids [P, L] long and mask [P, L] float of the rows, padded on the left."""
    length = max(len(row) for row in rows)
    ids = torch.tensor([[pad_token_id] * (length - len(row)) + list(row) for row in rows])
    mask = torch.tensor([[0.0] * (length - len(row)) + [1.0] * len(row) for row in rows])
    return ids, mask
