"""What a batch must know before its advantages: values of the sampling policy, log-probabilities of the reference."""

from collections.abc import Callable

import torch
from torch import Tensor

from formalrl.batch import Batch
from formalrl.models.policy import score
from formalrl.ops.entropies import token_entropy
from formalrl.sampling import SamplingRule
from formalrl.training.engine import Engine
from formalrl.training.memory import halving_on_out_of_memory
from formalrl.training.update import own_rows


def annotate(engine: Engine, batch: Batch, micro_batch_size: int) -> Batch:
    """Return the batch with what this run reads of these.

    `old_values` (with a value head), `old_entropies` (to choose tokens by), `ref_logprobs` (with a reference).
    """
    if engine.config.algorithm.needs_values:
        batch = batch.replace(old_values=_over_batch(engine, batch, micro_batch_size, _values))
    if engine.config.exploration.top_entropy < 1:
        batch = batch.replace(old_entropies=_over_batch(engine, batch, micro_batch_size, _entropies))
    if engine.reference is not None:
        batch = batch.replace(ref_logprobs=_over_batch(engine, batch, micro_batch_size, _reference))
    return batch


def _over_batch(engine: Engine, batch: Batch, size: int, measure: Callable[[Engine, Batch], Tensor]) -> Tensor:
    """Return `measure` [B, T] over all rows: each rank measures its share, all ranks get the whole."""
    own = own_rows(engine, batch)

    def work(size: int) -> list[Tensor]:
        with torch.no_grad():
            return [] if own is None else [measure(engine, micro).cpu() for micro in own.micro_batches(size)]

    parts, _ = halving_on_out_of_memory(work, size)
    return torch.cat(engine.runtime.gather(parts)) * batch.mask


def _values(engine: Engine, micro: Batch) -> Tensor:
    with engine.runtime.autocast():
        values = score(engine.policy, micro, engine.rule, with_values=True).values
    assert values is not None, "an algorithm that needs values has a policy with a value head"
    return values.float()


def _entropies(engine: Engine, micro: Batch) -> Tensor:
    with engine.runtime.autocast():
        return token_entropy(score(engine.policy, micro, engine.rule).logp_all)


def _reference(engine: Engine, micro: Batch) -> Tensor:
    return reference_logprobs(engine, micro, engine.rule)


def reference_logprobs(engine: Engine, micro: Batch, rule: SamplingRule) -> Tensor:
    """[B, T] log-probabilities of the completion tokens under the frozen reference, by the given rule."""
    assert engine.reference is not None, "called only where there is a reference"
    with engine.reference.scoring() as frozen, engine.runtime.autocast():
        return score(frozen, micro, rule).logprobs.float()
