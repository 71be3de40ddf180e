"""Token by token with cached keys and values: each prompt is computed and kept once for all its rows."""

from collections.abc import Sequence
from typing import Any, Protocol

import torch
from torch import Tensor

from formalrl.models.policy import Policy
from formalrl.models.prefix import Grid, PrefixLayout

_FIRST_CAPACITY = 64


class Decoder(Protocol):
    """What a sampler asks of a cache. Call `prompt_logits` first, then `step` for every token; no gradient."""

    def prompt_logits(self) -> Tensor:
        """Return `[P, V]` logits after each prompt."""
        ...

    def step(self, tokens: Tensor) -> Tensor:
        """Return `[R, V]` logits after one more token `[R]` of each live row."""
        ...

    def retain(self, rows: Tensor) -> None:
        """Go on with the live rows at `rows` `[r]` long, ascending, only."""
        ...


class SharedPrefixDecoder:
    """Decodes with attention over two caches: the prompts' `[P, K, L, D]`, never repeated, and the rows' own.

    Args:
        policy: a model that `can_plug_in`.
        prompt_ids: P token lists.
        prompt_index: `[R]` long, non-decreasing: the prompt of each row; every prompt has a row.
    """

    def __init__(self, policy: Policy, prompt_ids: Sequence[Sequence[int]], prompt_index: Tensor) -> None:
        self._policy, self._prompt_ids = policy, prompt_ids
        self._prompt_index = prompt_index
        self._lengths = torch.tensor([len(ids) for ids in prompt_ids], device=policy.device)
        nothing = self._lengths.new_zeros(0)
        self._layout = PrefixLayout.of_lengths(self._lengths, torch.zeros_like(self._lengths), nothing)
        self._padding = self._layout.prompt_padding
        self._prompts: dict[Any, tuple[Tensor, Tensor]] = {}
        self._own: dict[Any, tuple[Tensor, Tensor]] = {}
        self._groups = _groups(prompt_index, len(prompt_ids))
        self._done = -1  # tokens cached of every row; -1 before the prompts are

    def prompt_logits(self) -> Tensor:
        """See `Decoder`."""
        device = self._policy.device
        tokens = torch.tensor([token for ids in self._prompt_ids for token in ids], device=device)
        places = torch.cat([torch.arange(len(ids), device=device) for ids in self._prompt_ids])
        last = self._lengths.cumsum(0) - 1
        logits, _ = self._policy.prefix_logits(tokens.unsqueeze(0), places.unsqueeze(0), last, self)
        self._done = 0
        return logits

    def step(self, tokens: Tensor) -> Tensor:
        """See `Decoder`."""
        positions = (self._lengths[self._prompt_index] + self._done).unsqueeze(0)
        everything = torch.arange(len(tokens), device=tokens.device)
        logits, _ = self._policy.prefix_logits(tokens.unsqueeze(0), positions, everything, self)
        self._done += 1
        return logits

    def retain(self, rows: Tensor) -> None:
        """See `Decoder`."""
        used, self._prompt_index = torch.unique(self._prompt_index[rows], return_inverse=True)
        self._own = {m: (k.index_select(0, rows), v.index_select(0, rows)) for m, (k, v) in self._own.items()}
        if len(used) < len(self._lengths):
            self._prompts = {m: (k[used], v[used]) for m, (k, v) in self._prompts.items()}
            self._padding = None if self._padding is None else self._padding[used]
            self._lengths = self._lengths[used]
        self._groups = _groups(self._prompt_index, len(used))

    def attend(self, module: Any, query: Tensor, key: Tensor, value: Tensor, scaling: float) -> Tensor:
        """See `attention.Plan`."""
        if self._done < 0:
            tokens = [x[0].transpose(0, 1).to(value.dtype) for x in (key, value)]
            spread = [self._layout.prompts.spread(x).contiguous() for x in tokens]
            self._prompts[module] = spread[0], spread[1]
            return self._layout.attend(module, query, key, value, scaling)
        rows = query[0].transpose(0, 1).to(value.dtype)  # [R, H, D]; autocast may have left rotary positions in float32
        own = self._append(module, key[0].transpose(0, 1).to(value.dtype), value[0].transpose(0, 1))
        prompt = self._prompts[module]
        num_heads, num_kept = rows.shape[1], own[0].shape[1]
        scores = self._over_prompts(rows, prompt[0].transpose(-1, -2), num_kept)  # [P, H, G, L]
        if self._padding is not None:
            scores = scores + self._padding
        own_scores = rows.unflatten(1, (num_kept, -1)) @ own[0].transpose(-1, -2)  # [R, K, H / K, t]
        scores = torch.cat([self._groups.collect(scores), own_scores.flatten(1, 2)], -1).float() * scaling
        over_prompt, over_own = scores.softmax(-1).to(value.dtype).split([prompt[0].shape[2], own[0].shape[2]], -1)
        output = (over_own.unflatten(1, (num_kept, num_heads // num_kept)) @ own[1]).flatten(1, 2)  # [R, H, D]
        return (output + self._groups.collect(self._over_prompts(over_prompt, prompt[1], num_kept))).unsqueeze(0)

    def _over_prompts(self, rows: Tensor, table: Tensor, num_kept: int) -> Tensor:
        """Return `[P, H, G, Y]`: `[R, H, X]` of all rows of a prompt times its `[P, K, X, Y]`, for every head."""
        grouped = self._groups.spread(rows)  # [P, H, G, X]
        merged = grouped.unflatten(1, (num_kept, -1)).flatten(2, 3)  # [P, K, H / K * G, X]
        return (merged @ table).unflatten(2, (-1, grouped.shape[2])).flatten(1, 2)

    def _append(self, module: Any, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        """Cache `[R, K, D]` of a new token; return views `[R, K, t, D]` of all so far."""
        cached = self._own.get(module)
        if cached is None or cached[0].shape[2] <= self._done:
            before = cached or (None, None)
            cached = _grown(key, before[0]), _grown(value, before[1])
            self._own[module] = cached
        cached[0][:, :, self._done] = key
        cached[1][:, :, self._done] = value
        return cached[0][:, :, : self._done + 1], cached[1][:, :, : self._done + 1]


def _groups(prompt_index: Tensor, num_prompts: int) -> Grid:
    return Grid.of_lengths(torch.bincount(prompt_index, minlength=num_prompts))


def _grown(token: Tensor, cached: Tensor | None) -> Tensor:
    """Return a cache `[R, K, C, D]` of twice the capacity, so that copies cost a constant number a token."""
    used = 0 if cached is None else cached.shape[2]
    grown = token.new_empty(token.shape[0], token.shape[1], max(_FIRST_CAPACITY, 2 * used), token.shape[2])
    if cached is not None:
        grown[:, :, :used] = cached
    return grown
