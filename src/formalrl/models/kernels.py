"""Attention of one block of queries over one block of keys, with what is needed to join blocks: the log-sum-exp.

If the outputs of several blocks of keys are joined by their log-sum-exps, the gradient of each block is what its own
backward pass gives for the joined output and the joined log-sum-exp; so blocks never meet in one score matrix.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

_flash = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu
_flash_backward = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu_backward
_QUERY_CHUNK = 1024


@dataclass(frozen=True)
class Block:
    """How the queries of a block see its keys."""

    scaling: float
    """Factor of the scores."""
    causal: bool = False
    """Query i sees the keys up to i only."""
    key_mask: Tensor | None = None
    """[R, 1, 1, S] float, 0 or -inf, added to the scores; None where there are no padding keys."""


def attend(query: Tensor, key: Tensor, value: Tensor, block: Block) -> tuple[Tensor, Tensor]:
    """Return the output `[R, H, C, D]` and the float32 log-sum-exp of the scores `[R, H, C]`.

    Args:
        query: `[R, H, C, D]`.
        key: `[R, H, S, D]`.
        value: like `key`.
        block: the mask.
    """
    if _has_flash(query):
        mask = None if block.key_mask is None else block.key_mask.to(query.dtype)
        return _flash(query, key, value, 0.0, block.causal, attn_mask=mask, scale=block.scaling)
    outputs, sums = [], []
    for start in range(0, query.shape[2], _QUERY_CHUNK):
        scores = _scores(query[:, :, start : start + _QUERY_CHUNK], key, start, block)
        sums.append(scores.logsumexp(-1))
        outputs.append((scores - sums[-1].unsqueeze(-1)).exp().to(value.dtype) @ value)
    return torch.cat(outputs, 2), torch.cat(sums, 2)


def attend_backward(
    grad: Tensor, query: Tensor, key: Tensor, value: Tensor, output: Tensor, lse: Tensor, block: Block
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the gradients of query, key and value, given the joined output, its gradient and its log-sum-exp."""
    if _has_flash(query):
        mask = None if block.key_mask is None else block.key_mask.to(query.dtype)
        return _flash_backward(
            grad, query, key, value, output, lse, 0.0, block.causal, attn_mask=mask, scale=block.scaling
        )
    grad_key, grad_value = torch.zeros_like(key), torch.zeros_like(value)
    grad_query = []
    for start in range(0, query.shape[2], _QUERY_CHUNK):
        part = slice(start, start + _QUERY_CHUNK)
        weights = (_scores(query[:, :, part], key, start, block) - lse[:, :, part].unsqueeze(-1)).exp()
        grad_value += weights.to(grad.dtype).transpose(-1, -2) @ grad[:, :, part]
        grad_weights = (grad[:, :, part] @ value.transpose(-1, -2)).float()
        inner = (grad[:, :, part].float() * output[:, :, part].float()).sum(-1, keepdim=True)
        grad_scores = (weights * (grad_weights - inner) * block.scaling).to(query.dtype)
        grad_query.append(grad_scores @ key)
        grad_key += grad_scores.transpose(-1, -2) @ query[:, :, part]
    return torch.cat(grad_query, 2), grad_key, grad_value


def join(first: tuple[Tensor, Tensor], second: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
    """Return output `[..., D]` and log-sum-exp `[...]` over the keys of both blocks."""
    lse = torch.logaddexp(first[1], second[1])
    shares = [(part - lse).exp().unsqueeze(-1) for part in (first[1], second[1])]
    return (first[0] * shares[0] + second[0] * shares[1]).to(first[0].dtype), lse


def _has_flash(query: Tensor) -> bool:
    return query.device.type == "cpu"


def _scores(query: Tensor, key: Tensor, start: int, block: Block) -> Tensor:
    """[R, H, c, S] float32 scores of the queries from `start` on."""
    scores = (query @ key.transpose(-1, -2)).float() * block.scaling
    if block.key_mask is not None:
        scores = scores + block.key_mask.float()
    if block.causal:
        rows = torch.arange(start, start + query.shape[2], device=query.device).unsqueeze(1)
        later = torch.arange(key.shape[2], device=query.device) > rows
        scores = scores.masked_fill(later, -torch.inf)
    return scores
