"""A batch as tokens for one forward pass: each prompt once (`pack`), or one row a rollout (`lay_out_rows`)."""

from dataclasses import dataclass

import torch
from torch import Tensor

from formalrl.batch import Batch
from formalrl.models.prefix import PrefixLayout


@dataclass(frozen=True)
class Packed:
    """Tokens of a forward pass, and where the distribution of every completion token comes out."""

    input_ids: Tensor
    """[1, N] (packed) or [B, S] (rows)."""
    position_ids: Tensor | None
    """Like `input_ids`; None where every row counts from 0."""
    keep: Tensor
    """[U] long: the places in the flattened `input_ids` whose hidden states are needed."""
    expand: Tensor | None
    """[B * T] long: which of the U places predicts token t of completion b; None where U is B * T in that order."""
    layout: PrefixLayout | None
    """None for rows."""


def completion_lengths(batch: Batch) -> Tensor:
    """Return `[B]` long: one more than the last position that counts; 0 for a row that does not count at all."""
    places = torch.arange(1, batch.mask.shape[1] + 1, device=batch.mask.device)
    return ((batch.mask > 0) * places).amax(1)


def pack(batch: Batch, lengths: Tensor, *, compact: bool) -> Packed:
    """Return the batch as one row without padding: all prompts, then all completions but their last tokens.

    The hidden state of a prompt's last token predicts the first token of all its completions.

    Args:
        batch: rows ordered by prompt.
        lengths: `[B]` from `completion_lengths`.
        compact: whether to compute every distribution once, or one for each row and position (padding too).
    """
    index, device = batch.prompt_index, batch.mask.device
    real = batch.prompt_mask > 0  # [P, L]
    prompt_lengths = real.sum(1)
    fed = (lengths - 1).clamp(min=0)  # the last token of a completion predicts nothing that is needed
    places = torch.arange(batch.mask.shape[1], device=device)
    is_fed = places < fed.unsqueeze(1)  # [B, T]
    positions = prompt_lengths[index].unsqueeze(1) + places
    group_tokens = torch.zeros_like(prompt_lengths).index_add_(0, index, fed)
    num_prompt_tokens = prompt_lengths.sum()
    last = prompt_lengths.cumsum(0) - 1  # [P] where each prompt ends in the packed row
    num_fed = int(fed.sum())
    if compact:
        keep = torch.cat([last, num_prompt_tokens + torch.arange(num_fed, device=device)])
        first, start = index, len(last) + fed.cumsum(0) - fed
    else:
        keep, first, start = None, last[index], num_prompt_tokens + fed.cumsum(0) - fed
    later = start.unsqueeze(1) + places - 1
    source = torch.where((places > 0) & (places <= fed.unsqueeze(1)), later, first.unsqueeze(1)).flatten()
    return Packed(
        input_ids=torch.cat([batch.prompt_ids[real], batch.completion_ids[is_fed]]).unsqueeze(0),
        position_ids=torch.cat([(real.cumsum(1) - 1)[real], positions[is_fed]]).unsqueeze(0),
        keep=source if keep is None else keep,
        expand=None if keep is None else source,
        layout=PrefixLayout.of_lengths(prompt_lengths, group_tokens, fed[fed > 0]),
    )


def lay_out_rows(batch: Batch, lengths: Tensor) -> Packed:
    """Return the batch as one row a rollout, padded on the right: positions count from 0 and no mask is needed."""
    index, device = batch.prompt_index, batch.mask.device
    prompt_lengths = (batch.prompt_mask > 0).sum(1)[index]  # [B]
    places = torch.arange(batch.mask.shape[1], device=device)
    ends = prompt_lengths + (lengths - 1).clamp(min=0)
    columns = torch.arange(int(ends.max()), device=device)
    in_prompt = columns < prompt_lengths.unsqueeze(1)  # [B, S]
    prompt_column = batch.prompt_ids.shape[1] - prompt_lengths.unsqueeze(1) + columns
    completion_column = (columns - prompt_lengths.unsqueeze(1)).clamp(0, batch.mask.shape[1] - 1)
    input_ids = torch.where(
        in_prompt,
        batch.prompt_ids[index].gather(1, prompt_column.clamp(max=batch.prompt_ids.shape[1] - 1)),
        batch.completion_ids.gather(1, completion_column),
    )
    source = torch.minimum(prompt_lengths.unsqueeze(1) - 1 + places, (ends - 1).unsqueeze(1))
    starts = torch.arange(len(batch), device=device).unsqueeze(1) * input_ids.shape[1]
    return Packed(input_ids, None, (starts + source).flatten(), None, None)


def sharing_pays(batch: Batch, lengths: Tensor) -> bool:
    """Return whether computing each prompt once saves a tenth of the tokens or more."""
    prompt_lengths = (batch.prompt_mask > 0).sum(1)
    fed = (lengths - 1).clamp(min=0)
    rows = len(batch) * int((prompt_lengths[batch.prompt_index] + fed).max())
    return rows >= 1.1 * int(prompt_lengths.sum() + fed.sum())
