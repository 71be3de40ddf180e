"""RLOO: REINFORCE whose baseline is the mean reward of the other completions of the prompt. See arXiv 2402.14740."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from formalrl.algorithms._policy import (
    check_clip,
    check_groups,
    check_minibatches,
    check_updates,
    penalized_rewards,
    per_token,
    policy_term,
)
from formalrl.batch import Batch, LossTerm, PolicyOutput
from formalrl.ops.normalization import group_has_spread, leave_one_out_mean
from formalrl.ops.weights import token_weights


@dataclass(frozen=True)
class RLOO:
    """Leave-one-out REINFORCE. Ratios are clipped token by token, so that several passes stay close to the sampler.

    At ratio 1 (the first update of a step) the gradient is that of the unclipped estimator, divided by the number of
    tokens of the update in place of the number of completions.
    """

    needs_values: ClassVar[bool] = False
    min_group_size: ClassVar[int] = 2

    epsilon: float = 0.2
    """The ratio to the sampling policy is kept above 1 - epsilon; between 0 and 1."""
    epsilon_high: float | None = None
    """... and below 1 + epsilon_high; None = epsilon."""
    num_ppo_epochs: int = 1
    """Passes over the rollouts of a step."""
    num_minibatches: int = 1
    """Optimizer updates a pass, each over whole groups."""
    target_kl: float | None = None
    """Stop the passes of a step once the mean k3 KL(old, new) of an update exceeds it, in nats; None = never."""

    def __post_init__(self) -> None:
        check_updates(self.num_ppo_epochs, self.num_minibatches, self.target_kl)
        check_clip(self.epsilon, self.epsilon_high)

    def check(self, *, num_generations: int, prompts_per_step: int) -> None:
        """Raise ConfigError for groups of one, and when there are more minibatches than prompts."""
        check_groups("rloo", num_generations)
        check_minibatches(self.num_minibatches, prompts_per_step)

    def advantages(self, batch: Batch, kl_penalty: Tensor) -> Batch:
        """Return the batch with A = r - mean of the group's other rewards; exactly 0 in groups without spread."""
        rewards = penalized_rewards(batch, kl_penalty)
        difference = rewards - leave_one_out_mean(rewards, batch.prompt_index)
        advantages = torch.where(group_has_spread(rewards, batch.prompt_index), difference, 0.0)
        return batch.replace(advantages=per_token(advantages, batch.mask))

    def loss_weights(self, mask: Tensor, max_completion_length: int) -> Tensor:
        """Return the uniform weights of the tokens of the update."""
        return token_weights(mask)

    def loss(self, output: PolicyOutput, batch: Batch) -> LossTerm:
        """Return the clipped policy loss."""
        return policy_term(output, batch, self.epsilon, self.epsilon_high)
