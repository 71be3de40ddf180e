"""From logits to log-probabilities of the vocabulary and of the tokens that were chosen."""

import math

import torch
from torch import Tensor

MAX_SURPRISE = 80.0
"""Nats a token at which a perplexity is cut; its exponential is still a float32."""


def log_probabilities(logits: Tensor, temperature: float = 1.0, allowed: Tensor | None = None) -> Tensor:
    """Return float32 log-probabilities `[..., V]` at `temperature`, renormalized over the allowed tokens.

    log softmax(logits / temperature), with -inf on every token that is not allowed.

    Args:
        logits: `[..., V]`, any floating type.
        temperature: above 0; greedy decoding has no density, so score it at 1.
        allowed: bool, broadcastable to `[..., V]`; True = may be sampled. At least one True in every row.
    """
    scaled = logits.float() if temperature == 1.0 else logits.float() / temperature
    if allowed is not None:
        scaled = scaled.masked_fill(~allowed, -math.inf)
    return torch.log_softmax(scaled, dim=-1)


def chosen_logprobs(logp_all: Tensor, token_ids: Tensor, mask: Tensor) -> Tensor:
    """Return `[B, T]` the log-probabilities of `token_ids`; 0 on padding, whose token may be a forbidden one.

    Args:
        logp_all: `[B, T, V]`.
        token_ids: `[B, T]` long.
        mask: `[B, T]` float, 1 = counts.
    """
    chosen = logp_all.gather(-1, token_ids.unsqueeze(-1)).squeeze(-1)  # [B, T]
    return chosen.masked_fill(mask == 0, 0.0)


def perplexity(logprobs: Tensor, mask: Tensor) -> Tensor:
    """Return exp of minus the mean of `logprobs` `[B, T]` over the tokens of `mask`, a scalar of 1 or more.

    Cut at exp(MAX_SURPRISE), since a token of no probability would make it infinite.
    """
    surprise = -logprobs.masked_fill(mask == 0, 0.0).sum() / mask.sum().clamp(min=1.0)
    return surprise.clamp(max=MAX_SURPRISE).exp()
