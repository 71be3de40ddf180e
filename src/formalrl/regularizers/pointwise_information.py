"""Pointwise mutual information in the reward: do not give the answer that other prompts would get, too."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from torch import Tensor

from formalrl.batch import Batch, LossTerm, PolicyOutput, UpdateContext
from formalrl.errors import ConfigError
from formalrl.ops.fields import required
from formalrl.regularizers._schedule import check_schedule, is_on, scheduled


@dataclass(frozen=True)
class PointwiseInformation:
    """Reward + coef * (log p(z|x) - log mean_j p(z|x_j)), x_j the prompt itself and `contrast` other ones of the step.

    Its mean estimates the mutual information between prompt and completion from below, ln(contrast + 1) at most: 0 for
    an answer that every prompt gets, largest where each prompt has its own, right or wrong: let it fade. The reward
    hangs on the policy; the gradient is that of the mean all the same, since grad log p(z|x) has mean 0 over z, and
    grad log p_mix(z) over x and z. The estimate is the one of arXiv 2604.06268.
    """

    needs_mean_policy: ClassVar[bool] = False
    needs_reference: ClassVar[Literal["no", "logprobs", "full"]] = "no"
    placement: ClassVar[Literal["reward", "loss"]] = "reward"

    coef: float = 0.0
    """First coefficient, in reward units per nat, 0 or more; 0 = off."""
    coef_end: float | None = None
    """Last coefficient of the schedule."""
    coef_schedule: Literal["constant", "linear", "cosine"] = "constant"
    """How the coefficient goes to `coef_end` over max_steps."""
    contrast: int = 4
    """Other prompts under which each completion is scored, a pass without gradient each; 1 or more."""

    def __post_init__(self) -> None:
        check_schedule(self.coef, self.coef_end, self.coef_schedule)
        if self.coef < 0 or (self.coef_end or 0.0) < 0:
            raise ConfigError(f"coef is {self.coef!r}, but below 0 it asks for one answer to all: set it to 0 or more.")
        if self.contrast < 1:
            raise ConfigError(
                f"contrast is {self.contrast!r}, but without another prompt nothing is compared: set it to 1 or more."
            )

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

    def penalty(self, batch: Batch) -> Tensor:
        """Return `[B, T]` log p_mix - log p token by token, whose sum over a completion is minus its information."""
        return required(batch.mixture_logprobs, "mixture_logprobs") - batch.old_logprobs

    def term(self, output: PolicyOutput, batch: Batch, context: UpdateContext) -> LossTerm:
        """Raise ConfigError: it acts in the reward only."""
        raise ConfigError("pointwise_information acts in the reward, but a loss was asked for: subtract its penalty.")

    def update(self, state: Mapping[str, float], metrics: Mapping[str, float]) -> dict[str, float]:
        """Return the state as it is."""
        return dict(state)
