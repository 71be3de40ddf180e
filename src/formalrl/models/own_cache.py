"""Token by token with the cache that a model brings along: for attention that no plan can stand in for."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from transformers import DynamicCache

from formalrl.models.policy import Policy


class OwnCacheDecoder:
    """Computes each prompt once, then repeats its cache for its rows.

    Args:
        policy: any model with a transformers cache.
        prompt_ids: P token lists.
        prompt_index: `[R]` long: the prompt of each row.
    """

    def __init__(self, policy: Policy, prompt_ids: Sequence[Sequence[int]], prompt_index: Tensor) -> None:
        self._policy, self._prompt_index = policy, prompt_index
        longest = max(len(ids) for ids in prompt_ids)
        missing = [longest - len(ids) for ids in prompt_ids]
        rows = [[0] * count + list(ids) for count, ids in zip(missing, prompt_ids, strict=True)]
        self._input_ids = torch.tensor(rows, device=policy.device)
        self._mask = torch.tensor([[0] * count + [1] * (longest - count) for count in missing], device=policy.device)
        self._cache = DynamicCache(config=policy.base.config)

    def prompt_logits(self) -> Tensor:
        """See `decoding.Decoder`."""
        last = (torch.arange(len(self._input_ids), device=self._mask.device) + 1) * self._input_ids.shape[1] - 1
        logits = self._forward(self._input_ids, (self._mask.cumsum(1) - 1).clamp(min=0), last)
        self._cache.batch_select_indices(self._prompt_index)
        self._mask = self._mask[self._prompt_index]
        return logits

    def step(self, tokens: Tensor) -> Tensor:
        """See `decoding.Decoder`."""
        positions = self._mask.sum(1, keepdim=True)
        self._mask = torch.cat([self._mask, torch.ones_like(positions)], 1)
        return self._forward(tokens.unsqueeze(1), positions, torch.arange(len(tokens), device=tokens.device))

    def retain(self, rows: Tensor) -> None:
        """See `decoding.Decoder`."""
        self._cache.batch_select_indices(rows)
        self._mask = self._mask[rows]

    def _forward(self, input_ids: Tensor, position_ids: Tensor, keep: Tensor) -> Tensor:
        inputs: dict[str, Any] = {"attention_mask": self._mask, "position_ids": position_ids}
        with _caching(self._policy.base):
            return self._policy.logits(input_ids, keep, past_key_values=self._cache, use_cache=True, **inputs)[0]


@contextmanager
def _caching(model: nn.Module) -> Iterator[None]:
    """Switch training mode off inside the block: gradient checkpointing would drop the cache (dropout is 0 anyway)."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training
