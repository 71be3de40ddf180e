"""The attention that packed rows and cached decoding plug into transformers, and which models can take it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import torch
from torch import Tensor
from transformers import AttentionInterface, PreTrainedModel

NAME = "formalrl_prefix"


class Plan(Protocol):
    """What a forward pass hands to every attention layer by the keyword `prefix`."""

    def attend(self, module: Any, query: Tensor, key: Tensor, value: Tensor, scaling: float) -> Tensor:
        """Return `[1, N, H, D]` for `[1, H, N, D]` queries and `[1, K, N, D]` keys and values."""
        ...


def _attention(
    module: torch.nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    *,
    prefix: Plan,
    scaling: float | None = None,
    **_: Any,
) -> tuple[Tensor, None]:
    factor = query.shape[-1] ** -0.5 if scaling is None else scaling
    return prefix.attend(module, query, key, value, factor), None


AttentionInterface.register(NAME, _attention)


@contextmanager
def plugged_in(model: PreTrainedModel) -> Iterator[None]:
    """Let every attention layer of `model` ask its plan, inside the block."""
    config = model.config.get_text_config()
    before = config._attn_implementation
    config._attn_implementation = NAME
    try:
        yield
    finally:
        config._attn_implementation = before


def can_plug_in(model: PreTrainedModel) -> bool:
    """Return whether all layers are full causal self-attention behind transformers' attention interface.

    Sliding windows, score caps, attention sinks, linear or hybrid layers and encoders are not; such models are computed
    row by row with their own attention.
    """
    config = model.config.get_text_config()
    kinds = set(getattr(config, "layer_types", None) or ["full_attention"])
    window = getattr(config, "sliding_window", None) if getattr(config, "use_sliding_window", True) else None
    return (
        bool(getattr(model, "_supports_attention_backend", False))
        and kinds == {"full_attention"}
        and window is None
        and not getattr(config, "is_encoder_decoder", False)
        and getattr(config, "is_causal", True)
        and not getattr(config, "attn_logit_softcapping", None)
        and not getattr(config, "add_cross_attention", False)
    )
