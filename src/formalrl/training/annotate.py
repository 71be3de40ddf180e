"""What a batch must know before its advantages: values of the sampling policy, log-probabilities of the reference."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from formalrl.batch import Batch
from formalrl.models.policy import score
from formalrl.ops.entropies import token_entropy
from formalrl.ops.mixture import mixture_logprobs
from formalrl.sampling import SamplingRule
from formalrl.training.engine import Engine
from formalrl.training.memory import halving_on_out_of_memory
from formalrl.training.update import own_rows


def annotate(engine: Engine, batch: Batch, micro_batch_size: int) -> Batch:
    """Return the batch with what this run reads of these.

    `old_values` (with a value head), `old_entropies` (to choose tokens by), `ref_logprobs` (with a reference),
    `ref_certainty` and `mixture_logprobs` (where a regularizer reads them).
    """
    if engine.config.algorithm.needs_values:
        batch = batch.replace(old_values=_over_batch(engine, batch, micro_batch_size, _values))
    if engine.config.exploration.top_entropy < 1:
        batch = batch.replace(old_entropies=_over_batch(engine, batch, micro_batch_size, _entropies))
    if engine.reference is not None:
        batch = batch.replace(ref_logprobs=_over_batch(engine, batch, micro_batch_size, _reference))
    active = engine.active_regularizers.values()
    if any(getattr(part, "needs_certainty", False) for part in active):
        batch = batch.replace(ref_certainty=_over_batch(engine, batch, micro_batch_size, _certainty))
    contrast = max((getattr(part, "contrast", 0) for part in active), default=0)
    if contrast:
        batch = batch.replace(mixture_logprobs=_mixture(engine, batch, micro_batch_size, contrast))
    return batch


def _mixture(engine: Engine, batch: Batch, size: int, contrast: int) -> Tensor:
    """Return log-probabilities under the mixture of each row's prompt with the `contrast` that follow it.

    Tokens that were kept for the row's own prompt are those permitted after the others.
    """
    count = len(batch.prompt_ids)
    parts = [batch.old_logprobs]
    for distance in range(1, min(contrast, count - 1) + 1):
        order = torch.arange(count).roll(-distance)
        elsewhere = batch.replace(prompt_ids=batch.prompt_ids[order], prompt_mask=batch.prompt_mask[order])
        parts.append(_over_batch(engine, elsewhere, size, _logprobs))
    return mixture_logprobs(torch.stack(parts), batch.mask)


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


def _logprobs(engine: Engine, micro: Batch) -> Tensor:
    with engine.runtime.autocast():
        return score(engine.policy, micro, engine.rule).logprobs.float()


def _certainty(engine: Engine, micro: Batch) -> Tensor:
    assert engine.reference is not None, "a KL has a reference"
    with engine.reference.scoring() as frozen, engine.runtime.autocast():
        entropies = token_entropy(score(frozen, micro, engine.rule).logp_all)
    return (1.0 - entropies / math.log(max(2, engine.num_permitted))).clamp(0.0, 1.0)


def _reference(engine: Engine, micro: Batch) -> Tensor:
    return reference_logprobs(engine, micro, engine.rule)


def reference_logprobs(engine: Engine, micro: Batch, rule: SamplingRule) -> Tensor:
    """[B, T] log-probabilities of the completion tokens under the frozen reference, by the given rule."""
    assert engine.reference is not None, "called only where there is a reference"
    with engine.reference.scoring() as frozen, engine.runtime.autocast():
        return score(frozen, micro, rule).logprobs.float()
