"""Mutual information between state and token: certain in each state, different between states."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from formalrl.batch import Batch, LossTerm, PolicyOutput, UpdateContext
from formalrl.ops.entropies import token_entropy
from formalrl.ops.fields import required
from formalrl.ops.mean_policy import batch_entropy_term
from formalrl.ops.weights import weighted_sum
from formalrl.regularizers._schedule import check_schedule, is_on, scheduled


@dataclass(frozen=True)
class MutualInformation:
    """Loss -coef * (batch entropy - mean token entropy) over the update.

    I(S; A) = H(mean_s pi(. | s)) - mean_s H(pi(. | s)), position by position. 0 for a constant answer *and* for a
    uniform policy; largest for any deterministic map that gives each state its own token, right or wrong: let it fade.
    """

    needs_reference: ClassVar[Literal["no", "logprobs", "full"]] = "no"

    coef: float = 0.0
    """First coefficient, in reward units per nat; 0 = off."""
    coef_end: float | None = None
    """Last coefficient of the schedule."""
    coef_schedule: Literal["constant", "linear", "cosine"] = "constant"
    """How the coefficient goes to `coef_end` over max_steps."""

    def __post_init__(self) -> None:
        check_schedule(self.coef, self.coef_end, self.coef_schedule)

    @property
    def enabled(self) -> bool:
        """True with a coefficient."""
        return is_on(self.coef, self.coef_end)

    @property
    def needs_mean_policy(self) -> bool:
        """True with a coefficient."""
        return self.enabled

    def initial_state(self) -> dict[str, float]:
        """Return an empty state: there is no controller."""
        return {}

    def coefficient(self, state: Mapping[str, float], progress: float) -> float:
        """Return the scheduled coefficient."""
        return scheduled(self.coef, self.coef_end, self.coef_schedule, progress)

    def term(self, output: PolicyOutput, batch: Batch, context: UpdateContext) -> LossTerm:
        """Return the micro-batch's share of -coef * (H(mean) - mean H)."""
        weights = required(batch.token_weights, "token_weights")
        marginal = batch_entropy_term(output.logp_all, required(context.mean_logp, "mean_logp"), weights)
        conditional = weighted_sum(token_entropy(output.logp_all), weights)
        loss = -context.coef * (marginal - conditional)
        return LossTerm(loss, {"loss/mutual_information": loss.detach()})

    def update(self, state: Mapping[str, float], metrics: Mapping[str, float]) -> dict[str, float]:
        """Return the state as it is."""
        return dict(state)
