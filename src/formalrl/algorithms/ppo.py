"""PPO: a value head, generalized advantage estimates, several clipped passes. See arXiv 1707.06347."""

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from formalrl.algorithms._policy import check_clip, check_minibatches, check_updates, policy_term
from formalrl.batch import Batch, LossTerm, PolicyOutput
from formalrl.errors import ConfigError
from formalrl.ops.fields import required
from formalrl.ops.normalization import normalize
from formalrl.ops.returns import generalized_advantages, token_rewards
from formalrl.ops.surrogate import clipped_value_loss
from formalrl.ops.weights import token_weights, weighted_sum


@dataclass(frozen=True)
class PPO:
    """Proximal policy optimization with a value per token. The defaults are the paper's (arXiv 2410.17126)."""

    needs_values: ClassVar[bool] = True
    min_group_size: ClassVar[int] = 1

    gamma: float = 1.0
    """Discount per token, in [0, 1]."""
    lam: float = 0.95
    """Lambda of GAE in [0, 1]: 1 = unbiased, 0 = the value head alone."""
    epsilon: float = 0.2
    """The ratio to the sampling policy is kept above 1 - epsilon; between 0 and 1."""
    epsilon_high: float | None = None
    """... and below 1 + epsilon_high; None = epsilon."""
    vf_coef: float = 0.1
    """Coefficient of the value loss, 0 or more."""
    cliprange_value: float | None = 0.2
    """How far a value may move from the one at sampling time before its loss has no gradient; None = freely."""
    normalize_advantages: bool = True
    """Give the advantages of all tokens of the step mean 0 and standard deviation 1."""
    num_ppo_epochs: int = 4
    """Passes over the rollouts of a step."""
    num_minibatches: int = 1
    """Optimizer updates a pass, each over whole groups."""
    target_kl: float | None = None
    """Stop the passes of a step once the mean k3 KL(old, new) of an update exceeds it, in nats; None = never."""

    def __post_init__(self) -> None:
        check_updates(self.num_ppo_epochs, self.num_minibatches, self.target_kl)
        check_clip(self.epsilon, self.epsilon_high)
        for name, value in (("gamma", self.gamma), ("lam", self.lam)):
            if not 0 <= value <= 1:
                raise ConfigError(f"{name} is {value!r}, but it weighs later tokens by its powers: set it in [0, 1].")
        if self.vf_coef < 0:
            raise ConfigError(f"vf_coef is {self.vf_coef!r}, but it would drive the values away: set it to 0 or more.")
        if self.cliprange_value is not None and not self.cliprange_value > 0:
            raise ConfigError(
                f"cliprange_value is {self.cliprange_value!r}, but values must move: set it above 0, or to None."
            )

    def check(self, *, num_generations: int, prompts_per_step: int) -> None:
        """Raise ConfigError when there are more minibatches than prompts."""
        check_minibatches(self.num_minibatches, prompts_per_step)

    def advantages(self, batch: Batch, kl_penalty: Tensor) -> Batch:
        """Return the batch with GAE advantages and returns; the reward stands on the last token, -kl_penalty on each.

        returns = advantages before normalization + old_values.
        """
        values = required(batch.old_values, "old_values").masked_fill(batch.mask == 0, 0.0)
        rewards = token_rewards(batch.rewards, kl_penalty, batch.mask)
        advantages = generalized_advantages(rewards, values, batch.mask, self.gamma, self.lam)
        returns = advantages + values
        if self.normalize_advantages:
            advantages = normalize(advantages, batch.mask)
        return batch.replace(advantages=advantages, returns=returns)

    def loss_weights(self, mask: Tensor, max_completion_length: int) -> Tensor:
        """Return the uniform weights of the tokens of the update."""
        return token_weights(mask)

    def loss(self, output: PolicyOutput, batch: Batch) -> LossTerm:
        """Return clipped policy loss + vf_coef * clipped value loss; `loss/value` is the second addend."""
        policy = policy_term(output, batch, self.epsilon, self.epsilon_high)
        values = required(output.values, "values")
        old_values, returns = required(batch.old_values, "old_values"), required(batch.returns, "returns")
        value_losses = clipped_value_loss(values, old_values, returns, self.cliprange_value)
        value = self.vf_coef * weighted_sum(value_losses, required(batch.token_weights, "token_weights"))
        return LossTerm(policy.loss + value, {**policy.metrics, "loss/value": value.detach()})
