"""Rollouts -> Batch: drop what must not count, pad, and keep the rows of a prompt together."""

from collections.abc import Callable, Sequence
from typing import Literal

import torch
from torch import Tensor

from formalrl.batch import Batch
from formalrl.training.rollouts import Rollouts
from formalrl.training.step_rewards import step_rewards


def collate(
    rollouts: Rollouts,
    *,
    pad_token_id: int,
    min_group_size: int = 1,
    truncation: Literal["keep", "mask", "penalize"] = "keep",
    truncation_penalty: float = 0.0,
    decode: Callable[[list[int]], str] | None = None,
) -> Batch | None:
    """Return the rollouts that count as tensors, or None when there are none.

    Rows whose scorer failed are left out, then groups with fewer than `min_group_size` rows. Completions that the
    run's length limit cut are kept, masked (they count in the baseline, not in the loss) or have `truncation_penalty`
    taken off. With `decode` (token ids -> text of a completion) the batch has the rewards of its steps.
    """
    rewards = rollouts.rewards()
    scored = ~torch.isnan(rewards)
    sizes = torch.zeros(len(rollouts.prompts)).index_add_(0, rollouts.prompt_index, scored.float())
    rows = torch.nonzero(scored & (sizes[rollouts.prompt_index] >= min_group_size)).flatten()
    if len(rows) == 0:
        return None
    cut = rollouts.truncated()
    penalties = truncation_penalty * cut.float() if truncation == "penalize" else torch.zeros(len(rollouts))
    mask = rollouts.samples.mask.float()
    if truncation == "mask":
        mask = mask * (~cut).float().unsqueeze(1)
    steps = None if decode is None else step_rewards(rollouts, decode, penalties)
    prompt_ids, prompt_mask = pad_left(rollouts.prompt_ids, pad_token_id)
    return Batch(
        prompt_ids=prompt_ids,
        prompt_mask=prompt_mask,
        prompt_index=rollouts.prompt_index,
        completion_ids=rollouts.samples.completion_ids,
        mask=mask,
        old_logprobs=rollouts.samples.logprobs.float() * mask,
        rewards=rewards - penalties,
        kept=rollouts.samples.kept,
        step_rewards=None if steps is None else steps[0],
        step_ends=None if steps is None else steps[1],
    ).select(rows)


def pad_left(rows: Sequence[Sequence[int]], pad_token_id: int) -> tuple[Tensor, Tensor]:
    """Return ids [P, L] long and mask [P, L] float of the rows, padded on the left."""
    length = max(len(row) for row in rows)
    ids = torch.tensor([[pad_token_id] * (length - len(row)) + list(row) for row in rows])
    mask = torch.tensor([[0.0] * (length - len(row)) + [1.0] * len(row) for row in rows])
    return ids, mask
