"""The parts of a run in one place, and the state that a step takes in and hands on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from formalrl.config import TrainConfig
from formalrl.models.policy import Policy
from formalrl.models.reference import Reference
from formalrl.rewards.scorers import Scorer
from formalrl.runtime import Runtime
from formalrl.sampling import Sampler, SamplingRule
from formalrl.sampling.grammar import Constraint, TokenGrammar
from formalrl.types import Prompt, Task


@dataclass(frozen=True)
class Engine:
    """Everything that a step calls. Nothing in it changes during a run but weights and optimizer moments."""

    config: TrainConfig
    task: Task
    runtime: Runtime
    policy: Policy
    reference: Reference | None
    """The frozen policy that KL is measured against; None where nothing needs it."""
    tokenizer: Any
    sampler: Sampler
    rule: SamplingRule
    """How training samples; evaluation may use another temperature."""
    scorer: Scorer
    optimizer: torch.optim.Optimizer
    train_prompts: Sequence[Prompt]
    """What training asks; within a step of a curriculum, the prompts of its level."""
    eval_prompts: Sequence[Prompt]
    """The first `num_eval_prompts` held-out prompts."""
    encode: Callable[[Prompt], list[int]]
    """Prompt -> token ids; raises ConfigError where prompt and completion do not fit the context."""
    decode: Callable[[list[int]], str]
    warm_started: bool
    """Whether the policy was trained on solved examples before; its start is then kept as `checkpoint-0`."""
    grammar: TokenGrammar | None = None
    """What completions keep to; None where `grammar` is off."""
    level_prompts: Sequence[Sequence[Prompt]] = ()
    """Training prompts by level, easiest first; within a step, up to its level. Empty without a curriculum."""

    def constraint(self, prompts: Sequence[Prompt]) -> Constraint | None:
        """Return the grammar at the first tokens of the completions of these prompts; None without one."""
        if self.grammar is None:
            return None
        return Constraint(self.grammar, [self.grammar.start(prompt.text) for prompt in prompts])

    @property
    def active_regularizers(self) -> dict[str, Any]:
        """The regularizers that are on."""
        return {name: part for name, part in self.config.regularizers.items() if part.enabled}

    @property
    def num_permitted(self) -> int:
        """How many tokens the sampler may ever emit."""
        return self.policy.vocab_size - len(self.rule.forbidden_token_ids)


@dataclass(frozen=True)
class RunState:
    """What changes from step to step besides weights and optimizer; JSON-able, saved in every checkpoint."""

    step: int = 0
    """Steps done."""
    controllers: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """Name of a regularizer -> state of its controller."""
    curriculum: Mapping[str, float] = field(default_factory=dict)
    """Level, steps at it and moving success; empty at the start."""
    replay: Mapping[str, float] = field(default_factory=dict)
    """Number of a training prompt -> what there was to learn on it; empty without replay."""
    micro_batch_size: int | None = None
    """Rollouts a forward pass; None = not yet found."""
    best_value: float | None = None
    """Best evaluation so far by `metric_for_best_model`."""
    best_step: int | None = None
    """The step of that evaluation."""
    evaluated: bool = False
    """Whether the evaluation before the first step is done."""
    first_entropy: float | None = None
    """The policy's entropy at that evaluation, nats per token."""
    table_answers: Sequence[str] = ()
    """Fixed answers whose rewards the baselines know."""
