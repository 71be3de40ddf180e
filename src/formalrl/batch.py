"""The nouns of tensors: Batch, PolicyOutput, LossTerm.

Shape letters, used everywhere: B rollouts, P distinct prompts, G completions of one prompt (a group), L prompt length,
T completion length, V vocabulary size. Prompts are padded on the left, completions on the right.
Masks are float, 1 = counts.
"""

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Batch:
    """Scored rollouts. Rows of one prompt are neighbors; each prompt is stored once.

    Rows whose scorer failed are not in a batch, so every row counts.
    """

    prompt_ids: Tensor
    """[P, L] long, left-padded."""
    prompt_mask: Tensor
    """[P, L] float."""
    prompt_index: Tensor
    """[B] long, non-decreasing: the row of `prompt_ids` that completion b continues; also its group."""
    completion_ids: Tensor
    """[B, T] long, right-padded."""
    mask: Tensor
    """[B, T] float: 1 on completion tokens, the end token included."""
    old_logprobs: Tensor
    """[B, T] log-probabilities under the sampling policy; 0 on padding."""
    rewards: Tensor
    """[B] float."""
    step_rewards: Tensor | None = None
    """[B, T] the reward of each step of a completion on its last token, 0 elsewhere."""
    step_ends: Tensor | None = None
    """[B, T] float: 1 on the last token of each step."""
    kept: Tensor | None = None
    """[B, T, ceil(V / 8)] uint8: the tokens that top-k, top-p, min-p or a grammar left, as packed bits (numpy.packbits,
    little bit order); None when all tokens were allowed."""
    ref_logprobs: Tensor | None = None
    """[B, T] log-probabilities under the frozen reference."""
    ref_certainty: Tensor | None = None
    """[B, T] 1 - H / ln V of the frozen reference in the state of each token, V the permitted tokens; in [0, 1]."""
    mixture_logprobs: Tensor | None = None
    """[B, T] log-probabilities under the sampling policy's mixture over this prompt and some others of the step."""
    old_values: Tensor | None = None
    """[B, T] value head at sampling time."""
    old_entropies: Tensor | None = None
    """[B, T] entropy of the sampling policy in the state of each token, nats."""
    advantages: Tensor | None = None
    """[B, T]; 0 on padding."""
    returns: Tensor | None = None
    """[B, T] targets of the value head."""
    token_weights: Tensor | None = None
    """[B, T] uniform over the completion tokens of one optimizer update, sum 1 over all micro-batches and ranks."""
    loss_weights: Tensor | None = None
    """[B, T] weights of the policy loss over one optimizer update, as the algorithm's loss type says."""
    covariance_share: Tensor | None = None
    """[B, T] share of the update's tokens with a higher covariance of log-probability and advantage; inf on padding."""

    def __len__(self) -> int:
        """B, the number of rollouts."""
        return self.completion_ids.shape[0]

    def replace(self, **changes: Tensor | None) -> "Batch":
        """Return a copy with these fields changed."""
        return dataclasses.replace(self, **changes)

    def select(self, rows: Tensor) -> "Batch":
        """Return the rollouts at `rows` [b] long, with the prompts that they use.

        Rows of one prompt must stay neighbors. A padding column that no selected row uses stays, so shapes depend on
        the step, not on the selection.
        """
        used, prompt_index = torch.unique(self.prompt_index[rows], return_inverse=True)
        changes: dict[str, Tensor | None] = {
            "prompt_ids": self.prompt_ids[used],
            "prompt_mask": self.prompt_mask[used],
            "prompt_index": prompt_index,
        }
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if field.name not in changes and value is not None:
                changes[field.name] = value[rows]
        return dataclasses.replace(self, **changes)

    def micro_batches(self, size: int) -> Iterator["Batch"]:
        """Yield consecutive parts of at most `size` rollouts."""
        for start in range(0, len(self), size):
            yield self.select(torch.arange(start, min(start + size, len(self)), device=self.mask.device))

    def to(self, device: torch.device | str) -> "Batch":
        """Return the batch on `device`."""
        values = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        moved = {name: value.to(device) for name, value in values.items() if value is not None}
        return dataclasses.replace(self, **moved)


@dataclass(frozen=True)
class PolicyOutput:
    """What a policy says of the rollouts of a (micro-)batch. Differentiable unless made under `no_grad`."""

    logprobs: Tensor
    """[B, T] log-probability of each completion token at the sampling temperature, over permitted, kept tokens."""
    logp_all: Tensor
    """[B, T, V] float32 log-probabilities of the whole vocabulary; -inf on tokens not permitted or not kept."""
    values: Tensor | None = None
    """[B, T] value head, where the policy has one."""


@dataclass(frozen=True)
class UpdateContext:
    """What a regularizer may need besides the policy's output and the batch."""

    coef: float
    """The coefficient now, after schedule and controller."""
    mean_logp: Tensor | None = None
    """[T, V] log of p_t(a), the policy's mean over the unfinished completions of the update; -inf where p_t = 0."""
    num_permitted: int = 0
    """How many tokens the sampler may ever emit (V less the forbidden ones)."""
    ref_logp_all: Tensor | None = None
    """[B, T, V] log-probabilities of the reference, for the exact KL."""


@dataclass(frozen=True)
class LossTerm:
    """One additive term of the loss, with metrics. Both are weighted sums: adding micro-batches and ranks is exact."""

    loss: Tensor
    """Scalar."""
    metrics: Mapping[str, Tensor]
    """`group/name` -> detached scalar; summed over micro-batches and ranks it is the metric of the update."""
