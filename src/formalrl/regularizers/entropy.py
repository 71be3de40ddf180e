"""Entropy bonus: the mean entropy of the policy's next-token distributions, optionally held at a target."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from formalrl.batch import Batch, LossTerm, PolicyOutput, UpdateContext
from formalrl.errors import ConfigError
from formalrl.ops.entropies import token_entropy
from formalrl.ops.fields import required
from formalrl.ops.weights import weighted_sum
from formalrl.regularizers._schedule import check_schedule, is_on, scheduled


@dataclass(frozen=True)
class Entropy:
    """Loss -coef * mean_t H(pi(. | s_t)) over the completion tokens of the update.

    With `adaptive_target` a controller moves the coefficient by `delta` after every step: up while `policy/entropy` is
    below the target, down while it is above, within [coef_min, coef_max]. It works at coefficient 0 as well. After
    arXiv 2505.22312, section 4, whose target is absolute.
    """

    needs_mean_policy: ClassVar[bool] = False
    needs_reference: ClassVar[Literal["no", "logprobs", "full"]] = "no"

    coef: float = 0.0
    """First coefficient, in reward units per nat; 0 = off, unless a controller or a schedule leads elsewhere."""
    coef_end: float | None = None
    """Last coefficient of the schedule."""
    coef_schedule: Literal["constant", "linear", "cosine"] = "constant"
    """How the coefficient goes to `coef_end` over max_steps."""
    adaptive_target: float | None = None
    """Hold the entropy at this fraction of the entropy of step 0, above 0; None = no controller."""
    delta: float = 0.005
    """How far the controller moves the coefficient after a step, above 0."""
    coef_min: float = 0.0
    """Lower bound of the controller, 0 or more."""
    coef_max: float = 1.0
    """Upper bound of the controller, above coef_min."""

    def __post_init__(self) -> None:
        check_schedule(self.coef, self.coef_end, self.coef_schedule)
        if self.adaptive_target is None:
            return
        if self.coef_schedule != "constant":
            raise ConfigError(
                f"coef_schedule is {self.coef_schedule!r}, but adaptive_target sets the coefficient: keep one of them."
            )
        if not (self.adaptive_target > 0 and self.delta > 0):
            raise ConfigError(
                f"adaptive_target is {self.adaptive_target!r} and delta {self.delta!r}, but the controller steps "
                "towards a share of the first entropy: set both above 0."
            )
        if not 0 <= self.coef_min < self.coef_max:
            raise ConfigError(
                f"coef_min is {self.coef_min!r} and coef_max {self.coef_max!r}, but the controller moves between them: "
                "set 0 <= coef_min < coef_max."
            )

    @property
    def enabled(self) -> bool:
        """True with a coefficient or a controller."""
        return self.adaptive_target is not None or is_on(self.coef, self.coef_end)

    def initial_state(self) -> dict[str, float]:
        """Return the controller's first coefficient; the entropy of step 0 joins it after that step."""
        return {} if self.adaptive_target is None else {"coef": self._bounded(self.coef)}

    def coefficient(self, state: Mapping[str, float], progress: float) -> float:
        """Return the controller's coefficient, or the scheduled one."""
        if self.adaptive_target is not None:
            return state["coef"]
        return scheduled(self.coef, self.coef_end, self.coef_schedule, progress)

    def term(self, output: PolicyOutput, batch: Batch, context: UpdateContext) -> LossTerm:
        """Return -coef * the weighted sum of the token entropies."""
        entropy = weighted_sum(token_entropy(output.logp_all), required(batch.token_weights, "token_weights"))
        loss = -context.coef * entropy
        return LossTerm(loss, {"loss/entropy": loss.detach()})

    def update(self, state: Mapping[str, float], metrics: Mapping[str, float]) -> dict[str, float]:
        """Return the state moved towards the target by `policy/entropy`; the first one sets the target.

        A step without an update has no such metric and moves nothing.
        """
        entropy = metrics.get("policy/entropy", math.nan)
        if self.adaptive_target is None or not math.isfinite(entropy):
            return dict(state)
        first = state.get("first_entropy", entropy)
        change = self.delta if entropy < self.adaptive_target * first else -self.delta
        return {"coef": self._bounded(state["coef"] + change), "first_entropy": first}

    def _bounded(self, coef: float) -> float:
        return min(max(coef, self.coef_min), self.coef_max)
