"""One optimizer update: weights, mean policy, forward and backward over micro-batches, one sum over ranks."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from formalrl.batch import Batch, LossTerm, PolicyOutput, UpdateContext
from formalrl.models.policy import score
from formalrl.ops.entropies import token_entropy
from formalrl.ops.mean_policy import MeanPolicy, add_rows, batch_entropy, combine, mean_logp, no_rows
from formalrl.training.choose_tokens import choice_metrics, choose_tokens
from formalrl.training.engine import Engine
from formalrl.training.memory import halving_on_out_of_memory

_MINIBATCH_STREAM = 3


def minibatches(engine: Engine, batch: Batch, step: int, epoch: int) -> Iterator[Batch]:
    """Yield the rollouts of one optimizer update each: whole groups, drawn anew for every pass, with their weights."""
    num_groups = len(batch.prompt_ids)
    order = np.random.default_rng([engine.config.seed, _MINIBATCH_STREAM, step, epoch]).permutation(num_groups)
    for number, groups in enumerate(np.array_split(order, min(engine.config.algorithm.num_minibatches, num_groups))):
        chosen = torch.zeros(num_groups, dtype=torch.bool)
        chosen[torch.from_numpy(groups)] = True
        part = batch.select(torch.nonzero(chosen[batch.prompt_index]).flatten())
        part = part.replace(
            token_weights=part.mask / part.mask.sum().clamp(min=1.0),
            loss_weights=engine.config.algorithm.loss_weights(part.mask, engine.rule.max_completion_length),
        )
        yield choose_tokens(engine, part, (step, epoch, number))


def own_rows(engine: Engine, batch: Batch) -> Batch | None:
    """Return this rank's share of the groups, on its device; None where there are fewer groups than ranks."""
    groups = engine.runtime.share(len(batch.prompt_ids))
    inside = (batch.prompt_index >= groups.start) & (batch.prompt_index < groups.stop)
    rows = torch.nonzero(inside).flatten()
    return batch.select(rows).to(engine.runtime.device) if len(rows) else None


@dataclass(frozen=True)
class Updated:
    """What an update found."""

    metrics: Mapping[str, float]
    """Weighted sums over all micro-batches and ranks."""
    micro_batch_size: int
    """The size that fitted."""
    logprob_gap: float
    """Largest |scored - sampled| log-probability; it means something before the first update of a step only."""


@dataclass
class _Totals:
    """Sums over the micro-batches of this rank."""

    mean: MeanPolicy
    metrics: dict[str, Tensor] = field(default_factory=dict)
    logprob_gap: float = 0.0

    def add(self, term: LossTerm) -> None:
        for name, value in term.metrics.items():
            self.metrics[name] = self.metrics.get(name, torch.zeros(())) + value.detach().cpu()


def update(engine: Engine, minibatch: Batch, coefficients: Mapping[str, float], micro_batch_size: int) -> Updated:
    """Change the policy by one optimizer update on `minibatch` (the rows of all ranks, weights set)."""
    own = own_rows(engine, minibatch)
    num_positions = minibatch.mask.shape[1]
    contexts = {name: UpdateContext(value, num_permitted=engine.num_permitted) for name, value in coefficients.items()}
    held: PolicyOutput | None = None
    if any(engine.config.regularizers[name].needs_mean_policy for name in contexts):
        (mean, held), micro_batch_size = halving_on_out_of_memory(
            lambda size: _mean_policy(engine, own, num_positions, size), micro_batch_size
        )
        everywhere = mean_logp(combine(engine.runtime.gather([_to(mean, "cpu")]))).to(engine.runtime.device)
        contexts = {
            name: UpdateContext(context.coef, everywhere, context.num_permitted) for name, context in contexts.items()
        }

    def work(size: int) -> _Totals:
        engine.optimizer.zero_grad(set_to_none=True)
        return _backward(engine, own, contexts, size, num_positions, held)

    totals, micro_batch_size = halving_on_out_of_memory(work, micro_batch_size)
    engine.runtime.sum_gradients(engine.policy.parameters())
    trained = [p for p in engine.policy.parameters() if p.requires_grad]
    norm = torch.nn.utils.clip_grad_norm_(trained, engine.config.max_grad_norm or float("inf"))
    engine.optimizer.step()
    metrics, gap = _over_ranks(engine, totals)
    metrics |= choice_metrics(engine, minibatch)
    return Updated(metrics | {"optimizer/grad_norm": float(norm)}, micro_batch_size, gap)


def _forward(engine: Engine, micro: Batch) -> PolicyOutput:
    with engine.runtime.autocast():
        return score(engine.policy, micro, engine.rule, with_values=engine.config.algorithm.needs_values)


def _mean_policy(
    engine: Engine, own: Batch | None, num_positions: int, size: int
) -> tuple[MeanPolicy, PolicyOutput | None]:
    """Return this rank's sums for p_t and, where one forward pass holds all rows, that pass for the loss to reuse."""
    mean = no_rows(num_positions, engine.policy.vocab_size, engine.runtime.device)
    if own is None:
        return mean, None
    if len(own) <= size:
        held = _forward(engine, own)
        return add_rows(mean, held.logp_all, own.mask), held
    with torch.no_grad():
        for micro in own.micro_batches(size):
            mean = add_rows(mean, _forward(engine, micro).logp_all, micro.mask)
    return mean, None


def _backward(
    engine: Engine,
    own: Batch | None,
    contexts: Mapping[str, UpdateContext],
    size: int,
    num_positions: int,
    held: PolicyOutput | None,
) -> _Totals:
    """Add up gradients and metrics over this rank's micro-batches."""
    totals = _Totals(no_rows(num_positions, engine.policy.vocab_size, engine.runtime.device))
    for micro in own.micro_batches(size) if own is not None else ():
        output = held if held is not None and len(micro) == len(held.logprobs) else _forward(engine, micro)
        terms = [engine.config.algorithm.loss(output, micro)]
        for name, context in contexts.items():
            terms.append(
                engine.config.regularizers[name].term(output, micro, _with_reference(engine, micro, name, context))
            )
        torch.stack([term.loss for term in terms]).sum().backward()
        for term in terms:
            totals.add(term)
        with torch.no_grad():
            weights = micro.token_weights
            assert weights is not None, "minibatches come with their weights"
            entropy = (token_entropy(output.logp_all) * weights).sum()
            total = torch.stack([term.loss for term in terms]).sum()
            totals.add(LossTerm(total, {"policy/entropy": entropy, "loss/total": total}))
            totals.mean = add_rows(totals.mean, output.logp_all, micro.mask)
            gap = ((output.logprobs - micro.old_logprobs).abs() * micro.mask).max()
            totals.logprob_gap = max(totals.logprob_gap, float(gap))
    return totals


def _with_reference(engine: Engine, micro: Batch, name: str, context: UpdateContext) -> UpdateContext:
    """Return the context with the reference's whole distributions, for the one term that needs them."""
    if engine.config.regularizers[name].needs_reference != "full":
        return context
    assert engine.reference is not None, "a regularizer that needs a reference has one"
    with torch.no_grad(), engine.reference.scoring() as frozen, engine.runtime.autocast():
        ref_logp_all = score(frozen, micro, engine.rule).logp_all
    return UpdateContext(context.coef, context.mean_logp, context.num_permitted, ref_logp_all)


def _over_ranks(engine: Engine, totals: _Totals) -> tuple[dict[str, float], float]:
    """Return the metrics summed over ranks, and the largest gap."""
    own = {name: float(value) for name, value in totals.metrics.items()}
    parts = engine.runtime.gather([(own, totals.logprob_gap, _to(totals.mean, "cpu"))])
    metrics: dict[str, float] = {}
    for part, _, _ in parts:
        for name, value in part.items():
            metrics[name] = metrics.get(name, 0.0) + value
    metrics["policy/batch_entropy"] = float(batch_entropy(combine([mean for _, _, mean in parts])))
    return metrics, max(gap for _, gap, _ in parts)


def _to(mean: MeanPolicy, device: str) -> MeanPolicy:
    return MeanPolicy(mean.log_sum.to(device), mean.counts.to(device))
