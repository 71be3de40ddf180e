"""Micro-batches: a first size from the machine's memory, halved when it runs out."""

from collections.abc import Callable
from typing import Any, TypeVar

import psutil
import torch

from formalrl.batch import Batch
from formalrl.errors import ModelError
from formalrl.training.engine import Engine

_SHARE = 0.25
"""Share of the memory of a CPU machine that one forward and backward pass may plan with."""
_COPIES = 6
"""Float32 copies of the [B, T, V] log-probabilities that live at once in a backward pass."""
_ACTIVATIONS_PER_UNIT = 34
"""Floats kept for the backward pass per token, layer and hidden unit."""

Result = TypeVar("Result")


def plan_micro_batches(engine: Engine, batch: Batch) -> int:
    """Return how many rollouts to start with: all of them on an accelerator, what fits the plan on a CPU.

    The plan depends on the machine's total memory only, so that a resumed run plans alike.
    """
    if engine.config.micro_batch_size is not None:
        return engine.config.micro_batch_size
    if engine.runtime.device.type != "cpu":
        return len(batch)
    shape: Any = engine.policy.model.config
    length = batch.mask.shape[1]
    hidden_units = shape.hidden_size * shape.num_hidden_layers
    tokens = batch.prompt_ids.shape[1] + length
    row_bytes = 4 * (length * engine.policy.vocab_size * _COPIES + tokens * hidden_units * _ACTIVATIONS_PER_UNIT)
    budget = psutil.virtual_memory().total * _SHARE / engine.runtime.num_ranks
    return int(max(1, min(len(batch), budget // row_bytes)))


def halving_on_out_of_memory(work: Callable[[int], Result], size: int) -> tuple[Result, int]:
    """Return `work(size)` and the size, halving it each time the accelerator runs out of memory.

    Raises:
        ModelError: when a single rollout does not fit.
    """
    while True:
        try:
            return work(size), size
        except torch.OutOfMemoryError as error:
            if size == 1:
                message = (
                    "One rollout does not fit the accelerator's memory: shorten max_completion_length, use "
                    "model.gradient_checkpointing, mixed_precision bf16, LoRA (model.use_peft), or a smaller model."
                )
                raise ModelError(message) from error
        torch.cuda.empty_cache()
        size = max(1, size // 2)
