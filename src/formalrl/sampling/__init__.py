"""Prompts to completions: one file a sampler, `eager` (the reference) and `fast`; one seed gives the same tokens."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Protocol

import torch
from torch import Tensor

from formalrl.sampling.noise import NoiseKey
from formalrl.sampling.rule import SamplingRule

if TYPE_CHECKING:
    from formalrl.models.policy import Policy
    from formalrl.sampling.grammar import Constraint

__all__ = ["NoiseKey", "Sampler", "Samples", "SamplingRule"]

SUPPORT = ("draw", "filters", "gap", "grammar", "noise", "request", "rule")


@dataclass(frozen=True)
class Samples:
    """What was sampled: B = P * G rows, grouped by prompt; T is the longest completion."""

    completion_ids: Tensor
    """[B, T] long, padded on the right."""
    mask: Tensor
    """[B, T] float: 1 on completion tokens, the end token included."""
    logprobs: Tensor
    """[B, T] log-probability of each token under the rule; 0 on padding."""
    finished: Tensor
    """[B] bool: an end token or a stop string closed the row; False where the length limit cut it."""
    kept: Tensor | None = None
    """[B, T, ceil(V / 8)] uint8: the tokens that grammar and filters left, as packed bits; None without either."""

    def to(self, device: torch.device | str) -> "Samples":
        """Return the samples on `device`."""
        tensors = {field.name: getattr(self, field.name) for field in fields(self)}
        moved: dict[str, Any] = {name: None if x is None else x.to(device) for name, x in tensors.items()}
        return Samples(**moved)


class Sampler(Protocol):
    """A frozen dataclass whose fields are its configuration."""

    def sample(
        self,
        policy: "Policy",
        prompt_ids: Sequence[Sequence[int]],
        num_generations: int,
        rule: SamplingRule,
        noise: NoiseKey,
        *,
        max_lengths: Sequence[int] | None = None,
        decode: Callable[[list[int]], str] | None = None,
        constraint: "Constraint | None" = None,
    ) -> Samples:
        """Return `num_generations` completions of every prompt, on the policy's device, without gradient.

        Args:
            policy: used in its current mode and left as it is.
            prompt_ids: P token lists, each of one token or more.
            num_generations: G.
            rule: how tokens are drawn and when a row ends.
            noise: P prompt numbers; the tokens of a row depend on its own number and generation alone.
            max_lengths: the length limit of each prompt; None takes the rule's for all.
            decode: token ids -> text; needed for stop strings.
            constraint: a grammar that every completion keeps to.

        Raises:
            ConfigError: an empty prompt, lists of different lengths, stop strings without `decode`.
        """
        ...
