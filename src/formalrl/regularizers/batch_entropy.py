"""Batch entropy: the entropy of the policy averaged over the states of the update. See arXiv 2410.17126."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from formalrl.batch import Batch, LossTerm, PolicyOutput, UpdateContext
from formalrl.errors import ConfigError
from formalrl.ops.fields import required
from formalrl.ops.mean_policy import batch_entropy_term, log_barrier_term
from formalrl.regularizers._schedule import check_schedule, is_on, scheduled

FORMS = ("entropy", "log_barrier")


@dataclass(frozen=True)
class BatchEntropy:
    """Ask for different actions in different states, without punishing certainty in any one.

    With p_t(a) the mean of pi(a | s) over the completions that are unfinished at position t, and w_t their share:
    entropy: loss -coef * sum_t w_t H(p_t); log_barrier: loss -coef * sum_t w_t (1/V) sum_a log p_t(a), which diverges
    when a permitted token dies out. Exact over the whole update.
    """

    needs_reference: ClassVar[Literal["no", "logprobs", "full"]] = "no"

    coef: float = 0.0
    """First coefficient, in reward units per nat; 0 = off."""
    coef_end: float | None = None
    """Last coefficient of the schedule."""
    coef_schedule: Literal["constant", "linear", "cosine"] = "constant"
    """How the coefficient goes to `coef_end` over max_steps."""
    form: Literal["entropy", "log_barrier"] = "entropy"
    """Which of the two forms of the paper."""

    def __post_init__(self) -> None:
        check_schedule(self.coef, self.coef_end, self.coef_schedule)
        if self.form not in FORMS:
            raise ConfigError(f"form is {self.form!r}, but batch_entropy knows only {FORMS}: set it to one of them.")

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
        """Return the micro-batch's share of the chosen form."""
        mean_logp = required(context.mean_logp, "mean_logp")
        weights = required(batch.token_weights, "token_weights")
        if self.form == "entropy":
            loss = -context.coef * batch_entropy_term(output.logp_all, mean_logp, weights)
        else:
            loss = context.coef * log_barrier_term(output.logp_all, mean_logp, weights, context.num_permitted)
        return LossTerm(loss, {"loss/batch_entropy": loss.detach()})

    def update(self, state: Mapping[str, float], metrics: Mapping[str, float]) -> dict[str, float]:
        """Return the state as it is."""
        return dict(state)
