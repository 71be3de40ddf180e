"""KL divergence from a frozen reference policy: in the reward or in the loss, optionally controlled."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from torch import Tensor

from formalrl.batch import Batch, LossTerm, PolicyOutput, UpdateContext
from formalrl.errors import ConfigError
from formalrl.ops.fields import required
from formalrl.ops.kl import exact_kl, k1, k2, k3
from formalrl.ops.weights import weighted_sum
from formalrl.regularizers._schedule import check_schedule, is_on, scheduled

PLACEMENTS = ("reward", "loss")
LOSS_ESTIMATORS = ("k2", "k3", "exact")


@dataclass(frozen=True)
class KL:
    """Keep the policy near the reference.

    In the reward, coef * (old_logprobs - ref_logprobs) is subtracted, and `term` is not used; in the loss,
    coef * mean over tokens of the estimate of KL(policy, reference) is added. With `target` a controller follows
    `policy/kl_sequence`, the mean over completions of the summed log-ratio:
    coef <- coef * (1 + clip(kl / target - 1, -0.2, 0.2) * n / horizon), n the completions of the step. See
    arXiv 1909.08593, section 2.2. The paper's setting is coef 0.2, target 6, horizon 10,000.
    `certainty_power` is after arXiv 2502.06533.
    """

    needs_mean_policy: ClassVar[bool] = False

    coef: float = 0.0
    """First coefficient, in reward units per nat, 0 or more; 0 = off."""
    coef_end: float | None = None
    """Last coefficient of the schedule."""
    coef_schedule: Literal["constant", "linear", "cosine"] = "constant"
    """How the coefficient goes to `coef_end` over max_steps."""
    placement: Literal["reward", "loss"] = "reward"
    """Where it acts."""
    estimator: Literal["k1", "k2", "k3", "exact"] | None = None
    """k1 in the reward; k2, k3 or exact (over the vocabulary) in the loss. None: k1 and k3."""
    certainty_power: float = 0.0
    """Weigh each token's KL by (1 - H / ln V) to this power, H the reference's entropy there; 0: all alike."""
    target: float | None = None
    """KL per completion, in nats, that the controller steers for; None = no controller."""
    horizon: int = 10_000
    """Completions over which the controller acts, at least 1."""

    def __post_init__(self) -> None:
        check_schedule(self.coef, self.coef_end, self.coef_schedule)
        if self.coef < 0 or (self.coef_end or 0.0) < 0:
            raise ConfigError(f"coef is {self.coef!r}, but below 0 it drives the policy away: set it to 0 or more.")
        if self.certainty_power < 0:
            raise ConfigError(
                f"certainty_power is {self.certainty_power!r}, but below 0 it divides by 0: set it to 0 or more."
            )
        self._check_placement()
        if self.target is None:
            return
        if self.coef_schedule != "constant":
            raise ConfigError(
                f"coef_schedule is {self.coef_schedule!r}, but target lets a controller set the coefficient: keep one."
            )
        if not self.target > 0 or self.horizon < 1:
            raise ConfigError(
                f"target is {self.target!r} and horizon {self.horizon!r}, but the controller divides by both: "
                "set target above 0 and horizon to 1 or more."
            )

    def _check_placement(self) -> None:
        if self.placement not in PLACEMENTS:
            raise ConfigError(f"placement is {self.placement!r}, but kl knows only {PLACEMENTS}: set one of them.")
        known = ("k1",) if self.placement == "reward" else LOSS_ESTIMATORS
        if self.estimator is not None and self.estimator not in known:
            raise ConfigError(
                f"estimator is {self.estimator!r}, but in the {self.placement} kl works with {known} "
                "(k1 has no gradient as a loss): set one of them, or None."
            )

    @property
    def enabled(self) -> bool:
        """True with a coefficient. The controller multiplies, so it cannot leave 0."""
        return is_on(self.coef, self.coef_end)

    @property
    def needs_reference(self) -> Literal["no", "logprobs", "full"]:
        """What `term` or the reward reads of the reference."""
        if not self.enabled:
            return "no"
        return "full" if self.estimator == "exact" else "logprobs"

    @property
    def needs_certainty(self) -> bool:
        """True where `ref_certainty` weighs the tokens."""
        return self.enabled and self.certainty_power > 0

    def initial_state(self) -> dict[str, float]:
        """Return the controller's first coefficient."""
        return {} if self.target is None else {"coef": self.coef}

    def coefficient(self, state: Mapping[str, float], progress: float) -> float:
        """Return the controller's coefficient, or the scheduled one."""
        if self.target is not None:
            return state["coef"]
        return scheduled(self.coef, self.coef_end, self.coef_schedule, progress)

    def penalty(self, batch: Batch) -> Tensor:
        """Return `[B, T]` the penalty of each token for a coefficient of 1; for placement "reward"."""
        return self._weighed(k1(batch.old_logprobs, required(batch.ref_logprobs, "ref_logprobs")), batch)

    def _weighed(self, estimates: Tensor, batch: Batch) -> Tensor:
        if self.certainty_power == 0:
            return estimates
        return estimates * required(batch.ref_certainty, "ref_certainty") ** self.certainty_power

    def term(self, output: PolicyOutput, batch: Batch, context: UpdateContext) -> LossTerm:
        """Return coef * the weighted sum of the estimates; for placement "loss" only."""
        estimates = self._weighed(self._estimates(output, batch, context), batch)
        loss = context.coef * weighted_sum(estimates, required(batch.token_weights, "token_weights"))
        return LossTerm(loss, {"loss/kl": loss.detach()})

    def _estimates(self, output: PolicyOutput, batch: Batch, context: UpdateContext) -> Tensor:
        if self.placement == "reward":
            raise ConfigError("placement is 'reward', but a loss was asked for: subtract the penalty from the reward.")
        if self.estimator == "exact":
            return exact_kl(output.logp_all, required(context.ref_logp_all, "ref_logp_all"))
        estimate = k2 if self.estimator == "k2" else k3
        return estimate(output.logprobs, required(batch.ref_logprobs, "ref_logprobs"))

    def update(self, state: Mapping[str, float], metrics: Mapping[str, float]) -> dict[str, float]:
        """Return the state after `policy/kl_sequence` and `completions/count` of a step.

        A step without an update has no such metric and moves nothing.
        """
        kl = metrics.get("policy/kl_sequence", math.nan)
        if self.target is None or not math.isfinite(kl):
            return dict(state)
        error = min(max(kl / self.target - 1.0, -0.2), 0.2)
        return {"coef": state["coef"] * (1.0 + error * metrics["completions/count"] / self.horizon)}
