"""Rewards -> advantages -> loss. One file is one algorithm; its name is the file's."""

from typing import ClassVar, Protocol

from torch import Tensor

from formalrl.batch import Batch, LossTerm, PolicyOutput

SUPPORT: tuple[str, ...] = ()


class Algorithm(Protocol):
    """A frozen dataclass whose fields are its configuration.

    Every `loss/...` metric of `loss` is a contribution to the total loss, so they add up to it. The explained variance
    of the value head is no sum over rows: take it once a step with `ops.returns.explained_variance`.
    """

    needs_values: ClassVar[bool]
    """True when the policy must have a value head and `old_values` must be filled."""
    min_group_size: ClassVar[int]
    """Groups with fewer scored rows are dropped before `advantages`."""

    @property
    def num_ppo_epochs(self) -> int:
        """Passes over the rollouts of a step, at least 1."""
        ...

    @property
    def num_minibatches(self) -> int:
        """Optimizer updates a pass, at least 1; minibatches are made of whole groups."""
        ...

    @property
    def target_kl(self) -> float | None:
        """Stop the passes of a step once `policy/kl_old` of an update exceeds it; None = never."""
        ...

    def check(self, *, num_generations: int, prompts_per_step: int) -> None:
        """Raise ConfigError when the algorithm cannot learn from steps of this shape."""
        ...

    def advantages(self, batch: Batch, kl_penalty: Tensor) -> Batch:
        """Return the batch with advantages `[B, T]` (and returns `[B, T]`, where it has values).

        Args:
            batch: all rows of the step, of all ranks.
            kl_penalty: `[B, T]` coef * (old_logprobs - ref_logprobs) of the KL in the reward; zeros when there is none.
        """
        ...

    def loss_weights(self, mask: Tensor, max_completion_length: int) -> Tensor:
        """Return `[B, T]` weights of the policy loss; `mask` `[B, T]` is that of one whole optimizer update."""
        ...

    def loss(self, output: PolicyOutput, batch: Batch) -> LossTerm:
        """Return this micro-batch's share of the loss of its update."""
        ...
