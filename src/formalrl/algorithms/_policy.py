"""What all algorithms share: checks of their settings, and the clipped policy term with its metrics."""

from torch import Tensor

from formalrl.batch import Batch, LossTerm, PolicyOutput
from formalrl.errors import ConfigError
from formalrl.ops.fields import required
from formalrl.ops.kl import k3
from formalrl.ops.surrogate import clipped_policy_loss, is_clipped, log_ratio
from formalrl.ops.weights import weighted_sum


def policy_term(output: PolicyOutput, batch: Batch, epsilon: float, epsilon_high: float | None) -> LossTerm:
    """Return the clipped policy loss of a micro-batch with `loss/policy`, `policy/clip_fraction` and `policy/kl_old`.

    `policy/kl_old` is k3 of KL(old, new), mean over the tokens of the update. `epsilon_high` None = epsilon.
    """
    advantages = required(batch.advantages, "advantages")
    loss_weights = required(batch.loss_weights, "loss_weights")
    token_weights = required(batch.token_weights, "token_weights")
    high = epsilon if epsilon_high is None else epsilon_high
    ratios = log_ratio(output.logprobs, batch.old_logprobs, batch.mask)
    loss = weighted_sum(clipped_policy_loss(ratios, advantages, epsilon, high), loss_weights)
    kl_old = k3(batch.old_logprobs, output.logprobs.detach())
    metrics = {
        "loss/policy": loss.detach(),
        "policy/clip_fraction": weighted_sum(is_clipped(ratios.detach(), advantages, epsilon, high), token_weights),
        "policy/kl_old": weighted_sum(kl_old, token_weights),
    }
    return LossTerm(loss, metrics)


def penalized_rewards(batch: Batch, kl_penalty: Tensor) -> Tensor:
    """Return `[B]` rewards less the KL penalty summed over each completion."""
    return batch.rewards - kl_penalty.masked_fill(batch.mask == 0, 0.0).sum(1)


def per_token(advantages: Tensor, mask: Tensor) -> Tensor:
    """Return `[B, T]`: the advantage of the row `[B]` on each of its tokens; 0 on padding."""
    return advantages.unsqueeze(1) * mask


def check_updates(num_ppo_epochs: int, num_minibatches: int, target_kl: float | None) -> None:
    """Raise ConfigError unless a step has updates."""
    for name, value in (("num_ppo_epochs", num_ppo_epochs), ("num_minibatches", num_minibatches)):
        if value < 1:
            raise ConfigError(f"{name} is {value!r}, but a step needs an update: set it to 1 or more.")
    if target_kl is not None and not target_kl > 0:
        raise ConfigError(f"target_kl is {target_kl!r}, but every update moves the policy: set it above 0, or to None.")


def check_clip(epsilon: float, epsilon_high: float | None) -> None:
    """Raise ConfigError unless the bounds of the ratio enclose 1."""
    if not 0 < epsilon < 1:
        raise ConfigError(f"epsilon is {epsilon!r}, but ratios are kept above 1 - epsilon: set it between 0 and 1.")
    if epsilon_high is not None and not epsilon_high > 0:
        raise ConfigError(f"epsilon_high is {epsilon_high!r}, but it bounds the ratio above 1: set it above 0.")


def check_groups(name: str, num_generations: int) -> None:
    """Raise ConfigError for groups of one."""
    if num_generations < 2:
        raise ConfigError(
            f"num_generations is {num_generations!r}, but {name} compares completions of one prompt: "
            "set num_generations to 2 or more."
        )


def check_minibatches(num_minibatches: int, prompts_per_step: int) -> None:
    """Raise ConfigError when a minibatch would hold no group."""
    if num_minibatches > prompts_per_step:
        raise ConfigError(
            f"num_minibatches is {num_minibatches!r}, but a step has {prompts_per_step!r} prompts and minibatches are "
            f"made of whole groups: set num_minibatches to {prompts_per_step!r} or less, or prompts_per_step higher."
        )
