"""Attention over a packed row in which the completions of a prompt share its keys and values.

The row holds every prompt once, then every completion, with no padding: `p_1 p_2 ... c_1 c_2 ...`. All that a
transformer does token by token runs on this row; attention alone knows the order. Three blocks cover it, and none of
them repeats a prompt: prompts over themselves (causal), all completions of a prompt over the prompt, completions over
themselves (causal).
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from formalrl.models.kernels import Block, attend, attend_backward, join

_NOTHING = 1e30
"""Log-sum-exp of a padding query: its attention weights are exp(score - this) = 0."""


@dataclass(frozen=True)
class Grid:
    """Where the n tokens of a packed row lie in a table [R, C] padded on the right."""

    rows: int
    columns: int
    source: Tensor | None
    """[R * C] long: the token of every cell, 0 in padding; None where cell i is token i and nothing is padded."""
    cell: Tensor | None
    """[n] long: the cell of every token."""
    padding: Tensor | None
    """[m] long: the padding cells."""

    @classmethod
    def of_lengths(cls, lengths: Tensor) -> "Grid":
        """Return the table whose row r holds the next `lengths[r]` tokens."""
        rows, columns = len(lengths), int(lengths.max()) if len(lengths) else 0
        if bool((lengths == columns).all()):
            return cls(rows, columns, None, None, None)
        real = torch.arange(columns, device=lengths.device) < lengths.unsqueeze(1)  # [R, C]
        cell = real.flatten().nonzero().flatten()
        source = torch.zeros(rows * columns, dtype=torch.long, device=lengths.device)
        source[cell] = torch.arange(len(cell), device=lengths.device)
        return cls(rows, columns, source, cell, (~real).flatten().nonzero().flatten())

    def spread(self, tokens: Tensor, fill: float | None = None) -> Tensor:
        """Return `[R, ..., C, X]` (heads before columns) of `[n, H, X]`; padding holds `fill`, or any token if None."""
        if self.source is not None:
            tokens = tokens.index_select(0, self.source)
            if fill is not None and self.padding is not None:
                tokens.index_fill_(0, self.padding, fill)
        return tokens.unflatten(0, (self.rows, self.columns)).transpose(1, 2)

    def collect(self, table: Tensor) -> Tensor:
        """Return `[n, H, X]` of `[R, H, C, X]`."""
        tokens = table.transpose(1, 2).flatten(0, 1)
        return tokens if self.cell is None else tokens.index_select(0, self.cell)


@dataclass(frozen=True)
class PrefixLayout:
    """Where prompts and completions lie in a packed row."""

    num_prompt_tokens: int
    prompts: Grid
    """[P, L]."""
    prompt_padding: Tensor | None
    """[P, 1, 1, L] float: -inf on padding keys; None where all prompts are equally long."""
    groups: Grid
    """[P, M]: the tokens of all completions of a prompt."""
    completions: Grid
    """[B, T]."""

    @classmethod
    def of_lengths(cls, prompts: Tensor, groups: Tensor, completions: Tensor) -> "PrefixLayout":
        """Return the layout for `[P]` prompt lengths, `[P]` completion tokens in all, `[B]` completion lengths."""
        grid = Grid.of_lengths(prompts)
        padding = None
        if grid.source is not None:
            real = torch.arange(grid.columns, device=prompts.device) < prompts.unsqueeze(1)
            padding = torch.zeros(real.shape, device=prompts.device).masked_fill_(~real, -torch.inf)[:, None, None, :]
        return cls(int(prompts.sum()), grid, padding, Grid.of_lengths(groups), Grid.of_lengths(completions))

    def attend(self, module: Any, query: Tensor, key: Tensor, value: Tensor, scaling: float) -> Tensor:
        """Return `[1, N, H, D]` for `[1, H, N, D]` queries and `[1, K, N, D]` keys and values (K divides H)."""
        flat = [x[0].transpose(0, 1).to(value.dtype) for x in (query, key, value)]  # [N, H, D]
        repeats = flat[0].shape[1] // flat[1].shape[1]
        if repeats > 1:
            flat[1:] = [x.repeat_interleave(repeats, dim=1) for x in flat[1:]]
        return _PrefixAttention.apply(*flat, self, scaling).unsqueeze(0)  # type: ignore[union-attr]


class _PrefixAttention(torch.autograd.Function):
    """The three blocks of a packed row, forward and backward. Memory is that of queries, keys, values and output."""

    @staticmethod
    def forward(ctx: Any, query: Tensor, key: Tensor, value: Tensor, layout: PrefixLayout, scaling: float) -> Tensor:
        split = layout.num_prompt_tokens
        own, shared = Block(scaling, causal=True), Block(scaling, key_mask=layout.prompt_padding)
        prompt_query, prompt_key, prompt_value = (layout.prompts.spread(x[:split]) for x in (query, key, value))
        output, lse = _collect(layout.prompts, attend(prompt_query, prompt_key, prompt_value, own))
        if len(query) > split:
            grids = layout.groups, layout.completions
            over_prompt = attend(grids[0].spread(query[split:]), prompt_key, prompt_value, shared)
            queries, keys, values = (grids[1].spread(x[split:]) for x in (query, key, value))
            over_own = attend(queries, keys, values, own)
            joined = join(_collect(grids[0], over_prompt), _collect(grids[1], over_own))
            output, lse = torch.cat([output, joined[0]]), torch.cat([lse, joined[1]])
        ctx.save_for_backward(query, key, value, output, lse)
        ctx.layout, ctx.scaling = layout, scaling
        return output

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        layout, tensors = ctx.layout, (grads[0].contiguous(), *ctx.saved_tensors)
        split = layout.num_prompt_tokens
        own, shared = Block(ctx.scaling, causal=True), Block(ctx.scaling, key_mask=layout.prompt_padding)
        head, tail = [x[:split] for x in tensors], [x[split:] for x in tensors]
        prompt = _spread_all(layout.prompts, head)
        found = list(attend_backward(*prompt, own))  # [P, H, L, D] each
        if not len(tail[0]):
            return *(layout.prompts.collect(x) for x in found), None, None
        grad, query, _, _, output, lse = _spread_all(layout.groups, tail)
        over_prompt = attend_backward(grad, query, prompt[2], prompt[3], output, lse, shared)
        over_own = attend_backward(*_spread_all(layout.completions, tail), own)
        found[1], found[2] = found[1] + over_prompt[1], found[2] + over_prompt[2]
        rest = [layout.completions.collect(x) for x in over_own]
        rest[0] = rest[0] + layout.groups.collect(over_prompt[0])
        return *(torch.cat([layout.prompts.collect(a), b]) for a, b in zip(found, rest, strict=True)), None, None


def _collect(grid: Grid, block: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
    """Return output `[n, H, D]` and log-sum-exp `[n, H]`."""
    return grid.collect(block[0]), grid.collect(block[1].unsqueeze(-1)).squeeze(-1)


def _spread_all(grid: Grid, tokens: list[Tensor]) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Return the tables of (gradient, query, key, value, output, log-sum-exp); padding queries weigh nothing."""
    grad, *others, lse = tokens
    query, key, value, output = (grid.spread(x) for x in others)
    table = grid.spread(lse.unsqueeze(-1), _NOTHING).squeeze(-1)
    return grid.spread(grad, 0.0), query, key, value, output, table
