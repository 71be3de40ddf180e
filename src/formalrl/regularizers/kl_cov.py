"""KL-Cov: hold back the tokens whose update would cost most entropy. See arXiv 2505.22617."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from formalrl.batch import Batch, LossTerm, PolicyOutput, UpdateContext
from formalrl.errors import ConfigError
from formalrl.ops.fields import required
from formalrl.ops.surrogate import log_ratio
from formalrl.ops.weights import weighted_sum
from formalrl.regularizers._schedule import check_schedule, is_on, scheduled


@dataclass(frozen=True)
class KLCov:
    """Loss coef * mean over tokens of 1[t chosen] |log pi - log pi_old|.

    Chosen is the `fraction` of the update's tokens with the highest (A - mean A) (log pi_old - mean log pi_old), one at
    least. The term has no gradient where pi = pi_old, so that it acts from the second update of a step on.
    """

    needs_mean_policy: ClassVar[bool] = False
    needs_reference: ClassVar[Literal["no", "logprobs", "full"]] = "no"
    needs_covariance: ClassVar[bool] = True

    coef: float = 0.0
    """First coefficient, in reward units per nat, 0 or more; 0 = off."""
    coef_end: float | None = None
    """Last coefficient of the schedule."""
    coef_schedule: Literal["constant", "linear", "cosine"] = "constant"
    """How the coefficient goes to `coef_end` over max_steps."""
    fraction: float = 2e-4
    """Share of the tokens of an update that are held back, in (0, 1]."""

    def __post_init__(self) -> None:
        check_schedule(self.coef, self.coef_end, self.coef_schedule)
        if self.coef < 0 or (self.coef_end or 0.0) < 0:
            raise ConfigError(f"coef is {self.coef!r}, but below 0 it drives the policy away: set it to 0 or more.")
        if not 0 < self.fraction <= 1:
            raise ConfigError(f"fraction is {self.fraction!r}, but it is a share of the tokens: set it within (0, 1].")

    @property
    def enabled(self) -> bool:
        """True with a coefficient."""
        return is_on(self.coef, self.coef_end)

    def initial_state(self) -> dict[str, float]:
        """Return an empty state: there is no controller."""
        return {}

    def coefficient(self, state: Mapping[str, float], progress: float) -> float:
        """Return the scheduled coefficient."""
        return scheduled(self.coef, self.coef_end, self.coef_schedule, progress)

    def term(self, output: PolicyOutput, batch: Batch, context: UpdateContext) -> LossTerm:
        """Return coef * the weighted sum of |log-ratio| over the chosen tokens of the micro-batch."""
        weights = required(batch.token_weights, "token_weights")
        chosen = required(batch.covariance_share, "covariance_share") < self.fraction
        moved = log_ratio(output.logprobs, batch.old_logprobs, batch.mask).abs()
        loss = context.coef * weighted_sum(moved, weights * chosen)
        return LossTerm(loss, {"loss/kl_cov": loss.detach()})

    def update(self, state: Mapping[str, float], metrics: Mapping[str, float]) -> dict[str, float]:
        """Return the state as it is."""
        return dict(state)
