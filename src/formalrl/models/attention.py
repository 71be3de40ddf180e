"""The attention that packed rows and cached decoding plug into transformers, and which models can take it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import torch
from torch import Tensor
from transformers import AttentionInterface, AttentionMaskInterface, PreTrainedModel
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

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
    prefix: Plan | None = None,
    scaling: float | None = None,
    **others: Any,
) -> tuple[Tensor, None]:
    if prefix is None:
        return sdpa_attention_forward(module, query, key, value, attention_mask, scaling=scaling, **others)
    factor = query.shape[-1] ** -0.5 if scaling is None else scaling
    return prefix.attend(module, query, key, value, factor), None


AttentionInterface.register(NAME, _attention)
AttentionMaskInterface.register(NAME, sdpa_mask)


@contextmanager
def plugged_in(model: PreTrainedModel) -> Iterator[None]:
    """Let every attention layer of `model` ask its plan, inside the block.

    Layers that run again in the backward pass must find the plan then, so there it stays plugged in; without a plan it
    is torch's scaled dot-product attention, which the model had.
    """
    config = model.config.get_text_config()
    before = config._attn_implementation
    config._attn_implementation = NAME
    try:
        yield
    finally:
        if not (torch.is_grad_enabled() and recomputes(model)):
            config._attn_implementation = before


def recomputes(model: PreTrainedModel) -> bool:
    """Return whether layers run again in the backward pass (gradient checkpointing)."""
    return any(module.training and getattr(module, "gradient_checkpointing", False) for module in model.modules())


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
        and (config._attn_implementation in ("sdpa", NAME) or not recomputes(model))
    )
