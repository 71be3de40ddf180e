"""Rewards at positions of a completion's text -> rewards on its tokens."""

from bisect import bisect_left
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from formalrl.training.rollouts import Rollouts


def step_rewards(
    rollouts: Rollouts, decode: Callable[[list[int]], str], penalties: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Return rewards [B, T] and ends [B, T]: 0 but on the last token of each step, where they are its reward and 1.

    A step ends with the first token whose text reaches its position, the last one with the completion (end token
    included). Steps that end with the same token are one, with the sum of their rewards. A completion without steps
    is a single one, with the reward of the whole; where its score failed both rows are 0. `penalties` [B] are taken
    off the last steps.
    """
    rewards = torch.zeros_like(rollouts.samples.mask, dtype=torch.float32)
    ends = torch.zeros_like(rewards)
    known: dict[tuple[tuple[int, ...], tuple[int, ...]], list[int]] = {}
    lengths = rollouts.samples.mask.sum(1).long().tolist()
    for row, (completion, score, length) in enumerate(zip(rollouts.completions, rollouts.scores, lengths, strict=True)):
        if score.reward is None or length == 0:
            continue
        steps = score.steps or ((len(completion.text), score.reward),)
        positions = tuple(position for position, _ in steps)
        key = completion.token_ids, positions
        if key not in known:
            known[key] = _last_tokens(completion.token_ids, positions, length, decode)
        for token, (_, reward) in zip(known[key], steps, strict=True):
            rewards[row, token] += reward
            ends[row, token] = 1.0
        if penalties is not None:
            rewards[row, length - 1] -= float(penalties[row])
    return rewards, ends


def _last_tokens(
    ids: Sequence[int], positions: Sequence[int], length: int, decode: Callable[[list[int]], str]
) -> list[int]:
    """The token that ends each step; texts of longer beginnings are taken to be no shorter."""
    found = [
        min(bisect_left(range(length), position, key=lambda token: len(decode(list(ids[: token + 1])))), length - 1)
        for position in positions[:-1]
    ]
    return [*found, length - 1]
