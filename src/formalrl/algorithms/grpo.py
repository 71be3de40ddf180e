"""GRPO and its kin: rewards compared within the completions of one prompt. See arXiv 2402.03300."""

from dataclasses import dataclass
from typing import ClassVar, Literal

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
from formalrl.errors import ConfigError
from formalrl.ops.fields import required
from formalrl.ops.normalization import group_center, group_has_spread, group_std, has_spread
from formalrl.ops.step_returns import step_advantages, step_returns
from formalrl.ops.weights import max_length_weights, sequence_weights, token_weights

SCALES = ("group", "batch", "none")
LOSS_TYPES = ("grpo", "dr_grpo", "dapo")
CREDITS = ("completion", "steps")


@dataclass(frozen=True)
class GRPO:
    """Group-relative policy optimization: the advantage is the reward less the mean of its group, over a spread."""

    needs_values: ClassVar[bool] = False
    min_group_size: ClassVar[int] = 2

    scale_rewards: Literal["group", "batch", "none"] = "group"
    """Divide by the standard deviation of the group, of all rewards of the step, or by nothing (Dr. GRPO)."""
    loss_type: Literal["grpo", "dr_grpo", "dapo"] = "dapo"
    """grpo: mean over each completion, then over completions; dapo: mean over the tokens of the update; dr_grpo: sum
    over the tokens, divided by completions times max_completion_length."""
    credit: Literal["completion", "steps"] = "completion"
    """What the tokens of a completion are paid: the reward of the whole, or, where the reward judges steps, the return
    of their own step, compared with the same step of the group's other completions."""
    step_discount: float = 0.0
    """With `steps`: what a reward of the next step counts for this one, in [0, 1]; 0: every step for itself."""
    epsilon: float = 0.2
    """The ratio to the sampling policy is kept above 1 - epsilon; between 0 and 1."""
    epsilon_high: float | None = None
    """... and below 1 + epsilon_high (DAPO: 0.28); None = epsilon."""
    num_ppo_epochs: int = 1
    """Passes over the rollouts of a step."""
    num_minibatches: int = 1
    """Optimizer updates a pass, each over whole groups."""
    target_kl: float | None = None
    """Stop the passes of a step once the mean k3 KL(old, new) of an update exceeds it, in nats; None = never."""

    def __post_init__(self) -> None:
        check_updates(self.num_ppo_epochs, self.num_minibatches, self.target_kl)
        check_clip(self.epsilon, self.epsilon_high)
        for name, value, known in (
            ("scale_rewards", self.scale_rewards, SCALES),
            ("loss_type", self.loss_type, LOSS_TYPES),
            ("credit", self.credit, CREDITS),
        ):
            if value not in known:
                raise ConfigError(f"{name} is {value!r}, but grpo knows only {known}: set it to one of them.")
        if not 0 <= self.step_discount <= 1:
            raise ConfigError(f"step_discount is {self.step_discount!r}, but it is a discount: set it within [0, 1].")
        if self.credit == "steps" and self.scale_rewards == "batch":
            raise ConfigError(
                "scale_rewards is 'batch', but credit 'steps' knows only group and none: set one of them."
            )

    def check(self, *, num_generations: int, prompts_per_step: int) -> None:
        """Raise ConfigError for groups of one, and when there are more minibatches than prompts."""
        check_groups("grpo", num_generations)
        check_minibatches(self.num_minibatches, prompts_per_step)

    def advantages(self, batch: Batch, kl_penalty: Tensor) -> Batch:
        """Return the batch with group-relative advantages, the same on every token of a row.

        A = (r - mean of the group) / std, with std of the group or of the step (divisor n - 1). Groups whose rewards
        differ by rounding only get exactly 0. With credit `steps` the rows of a group are compared step by step.
        """
        if self.credit == "steps":
            return self._step_advantages(batch, kl_penalty)
        rewards = penalized_rewards(batch, kl_penalty)
        centered = group_center(rewards, batch.prompt_index)
        if self.scale_rewards == "group":
            spread = group_has_spread(rewards, batch.prompt_index)
            centered = centered / torch.where(spread, group_std(rewards, batch.prompt_index), 1.0)
        elif self.scale_rewards == "batch" and bool(has_spread(rewards)):
            centered = centered / rewards.std()
        return batch.replace(advantages=per_token(centered, batch.mask))

    def _step_advantages(self, batch: Batch, kl_penalty: Tensor) -> Batch:
        ends = required(batch.step_ends, "step_ends")
        rewards = required(batch.step_rewards, "step_rewards") - kl_penalty.masked_fill(batch.mask == 0, 0.0)
        returns = step_returns(rewards, ends, self.step_discount)
        scale = self.scale_rewards == "group"
        return batch.replace(advantages=step_advantages(returns, ends, batch.prompt_index, batch.mask, scale=scale))

    def loss_weights(self, mask: Tensor, max_completion_length: int) -> Tensor:
        """Return the weights that `loss_type` names."""
        if self.loss_type == "grpo":
            return sequence_weights(mask)
        if self.loss_type == "dr_grpo":
            return max_length_weights(mask, max_completion_length)
        return token_weights(mask)

    def loss(self, output: PolicyOutput, batch: Batch) -> LossTerm:
        """Return the clipped policy loss."""
        return policy_term(output, batch, self.epsilon, self.epsilon_high)
