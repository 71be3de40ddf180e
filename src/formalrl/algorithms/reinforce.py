"""REINFORCE with the mean reward of the step as baseline. See Williams (1992), Machine Learning 8."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from formalrl.algorithms._policy import (
    check_clip,
    check_minibatches,
    check_updates,
    penalized_rewards,
    per_token,
    policy_term,
)
from formalrl.batch import Batch, LossTerm, PolicyOutput
from formalrl.errors import ConfigError
from formalrl.ops.normalization import center, normalize
from formalrl.ops.weights import token_weights


@dataclass(frozen=True)
class REINFORCE:
    """REINFORCE with a batch baseline. Ratios are clipped, which changes nothing in the first update of a step."""

    needs_values: ClassVar[bool] = False
    min_group_size: ClassVar[int] = 1

    normalize_advantages: bool = False
    """Divide by the standard deviation of the rewards of the step as well."""
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
        """Raise ConfigError for steps of one completion, and when there are more minibatches than prompts."""
        if num_generations * prompts_per_step < 2:
            raise ConfigError(
                "prompts_per_step x num_generations is 1, but reinforce compares the completions of a step: "
                "set either to 2 or more."
            )
        check_minibatches(self.num_minibatches, prompts_per_step)

    def advantages(self, batch: Batch, kl_penalty: Tensor) -> Batch:
        """Return the batch with A = r - mean reward of the step, the same on every token of a row."""
        rewards = penalized_rewards(batch, kl_penalty)
        everywhere = torch.ones_like(rewards)
        advantages = normalize(rewards, everywhere) if self.normalize_advantages else center(rewards)
        return batch.replace(advantages=per_token(advantages, batch.mask))

    def loss_weights(self, mask: Tensor, max_completion_length: int) -> Tensor:
        """Return the uniform weights of the tokens of the update."""
        return token_weights(mask)

    def loss(self, output: PolicyOutput, batch: Batch) -> LossTerm:
        """Return the clipped policy loss."""
        return policy_term(output, batch, self.epsilon, self.epsilon_high)
