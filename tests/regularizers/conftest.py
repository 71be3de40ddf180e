"""A small ragged step of rollouts, and a policy that is a table of logits: one row per token."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
import torch
from torch import Tensor

from formalrl.batch import Batch, PolicyOutput
from formalrl.ops.logprobs import chosen_logprobs

VOCABULARY = 6
LENGTHS = (3, 1, 4, 2, 2, 1, 4, 4, 3)
GROUPS = (0, 0, 0, 1, 1, 2, 2, 2, 2)


@dataclass(frozen=True)
class Rollouts:
    """A batch, and the table behind it."""

    batch: Batch
    logits: Tensor
    """[B, T, V], a leaf."""
    values: Tensor
    """[B, T], a leaf."""

    def output(self, rows: slice = slice(None)) -> PolicyOutput:
        """Return what the table says of these rows; padding holds whatever the table holds."""
        logp_all = torch.log_softmax(self.logits[rows].float(), -1)
        ids, mask = self.batch.completion_ids[rows], self.batch.mask[rows]
        return PolicyOutput(chosen_logprobs(logp_all, ids, mask), logp_all, self.values[rows].float())


def make(seed: int = 0, padding: float = 50.0) -> Rollouts:
    """Return rollouts of three ragged groups; `padding` scales the garbage that padding holds."""
    generator = torch.Generator().manual_seed(seed)
    rows, length = len(LENGTHS), max(LENGTHS)
    mask = (torch.arange(length) < torch.tensor(LENGTHS).unsqueeze(1)).float()

    def noise(*shape: int) -> Tensor:
        drawn = torch.randn(*shape, generator=generator)
        counted = mask.reshape(rows, length, *[1] * (len(shape) - 2))
        return torch.where(counted > 0, drawn, padding * drawn)

    logits, values = noise(rows, length, VOCABULARY), noise(rows, length)
    ids = torch.randint(VOCABULARY, (rows, length), generator=generator)
    near = torch.log_softmax(logits + 0.3 * torch.randn(rows, length, VOCABULARY, generator=generator), -1)
    batch = Batch(
        prompt_ids=torch.arange(3).unsqueeze(1),
        prompt_mask=torch.ones(3, 1),
        prompt_index=torch.tensor(GROUPS),
        completion_ids=ids,
        mask=mask,
        old_logprobs=chosen_logprobs(near, ids, mask),
        rewards=torch.rand(rows, generator=generator),
        ref_logprobs=noise(rows, length) - 2.0,
        ref_certainty=torch.rand(rows, length, generator=generator),
        old_values=noise(rows, length),
        token_weights=mask / mask.sum(),
    )
    return Rollouts(batch, logits.requires_grad_(), values.requires_grad_())


@pytest.fixture
def rollouts() -> Rollouts:
    return make()


@pytest.fixture
def make_rollouts() -> Callable[..., Rollouts]:
    return make
