"""Terms of the loss that ignore the reward. One file is one regularizer; its name is the file's."""

from collections.abc import Mapping
from typing import Literal, Protocol

from torch import Tensor

from formalrl.batch import Batch, LossTerm, PolicyOutput, UpdateContext

SUPPORT: tuple[str, ...] = ()


class Regularizer(Protocol):
    """A frozen dataclass whose fields are its configuration; what changes during a run is the state."""

    @property
    def coef(self) -> float:
        """First value of the coefficient."""
        ...

    @property
    def coef_end(self) -> float | None:
        """Last value of the coefficient, where a schedule leads to one."""
        ...

    @property
    def coef_schedule(self) -> Literal["constant", "linear", "cosine"]:
        """How the coefficient goes from `coef` to `coef_end` over the run."""
        ...

    @property
    def enabled(self) -> bool:
        """False when the coefficient is 0 throughout: the term costs nothing. A controller that starts at 0 is on."""
        ...

    @property
    def needs_mean_policy(self) -> bool:
        """True when `term` reads `context.mean_logp`, which takes a pass without gradient before every update."""
        ...

    @property
    def needs_reference(self) -> Literal["no", "logprobs", "full"]:
        """Whether the batch must have `ref_logprobs` ("logprobs") or the context `ref_logp_all` ("full")."""
        ...

    def initial_state(self) -> dict[str, float]:
        """Return the controller's state at step 0, JSON-able; empty when there is no controller."""
        ...

    def coefficient(self, state: Mapping[str, float], progress: float) -> float:
        """Return the coefficient at `progress` = step / max_steps in [0, 1]."""
        ...

    def term(self, output: PolicyOutput, batch: Batch, context: UpdateContext) -> LossTerm:
        """Return this micro-batch's share of the term. Its loss is added to the total; its metric is `loss/<name>`."""
        ...

    def update(self, state: Mapping[str, float], metrics: Mapping[str, float]) -> dict[str, float]:
        """Return the state after a step with these metrics."""
        ...


class RewardTerm(Protocol):
    """A regularizer whose `placement` is "reward" has this, too; its `term` is not used."""

    def penalty(self, batch: Batch) -> Tensor:
        """Return `[B, T]` what a coefficient of 1 takes off the reward of each token, under the sampling policy."""
        ...
