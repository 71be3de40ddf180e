"""Log-probabilities of the vocabulary and of the chosen tokens in one function, with one large tensor a direction."""

from typing import Any

import torch
from torch import Tensor


def log_softmax_and_chosen(
    logits: Tensor, temperature: float, allowed: Tensor | None, rows: Tensor | None, tokens: Tensor
) -> tuple[Tensor, Tensor]:
    """Return float32 log softmax(logits / temperature) over the allowed tokens `[U, V]`, and that of each token `[n]`.

    Equal to `ops.logprobs.log_probabilities` and a gather; but scaling, masking and normalizing share one tensor, and
    backward makes one more, even where both results have a gradient.

    Args:
        logits: `[U, V]`.
        temperature: above 0.
        allowed: bool, broadcastable to `[U, V]`; None allows every token.
        rows: `[n]` long: the row of each token; None where n is U, in order.
        tokens: `[n]` long.
    """
    rows = torch.arange(len(tokens), device=tokens.device) if rows is None else rows
    return _LogSoftmax.apply(logits, temperature, allowed, rows, tokens)  # type: ignore[return-value]


class _LogSoftmax(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, logits: Tensor, temperature: float, allowed: Tensor | None, rows: Tensor, tokens: Tensor
    ) -> tuple[Tensor, Tensor]:
        logp = torch.empty_like(logits, dtype=torch.float32)
        torch.div(logits.float(), temperature, out=logp)
        if allowed is not None:
            logp.masked_fill_(~allowed, -torch.inf)
        torch.log_softmax(logp, -1, out=logp)
        ctx.save_for_backward(logp, rows, tokens)
        ctx.temperature, ctx.dtype = temperature, logits.dtype
        ctx.set_materialize_grads(False)
        return logp, logp[rows, tokens]

    @staticmethod
    def backward(ctx: Any, *grads: Tensor | None) -> tuple[Tensor | None, ...]:
        logp, rows, tokens = ctx.saved_tensors
        of_all, of_chosen = grads
        total = logp.new_zeros(len(logp))  # the sum of all gradients of a row
        if of_all is not None:
            total += of_all.sum(-1)
        if of_chosen is not None:
            total.index_add_(0, rows, of_chosen)
        grad = logp.exp().mul_(-total.unsqueeze(-1))
        if of_all is not None:
            grad += of_all
        if of_chosen is not None:
            grad.index_put_((rows, tokens), of_chosen, accumulate=True)
        return grad.div_(ctx.temperature).masked_fill_(logp == -torch.inf, 0.0).to(ctx.dtype), None, None, None, None
