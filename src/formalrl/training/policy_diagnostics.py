"""What the policy's own probabilities say on held-out prompts: entropies, prompt dependence, KL to the reference."""

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import torch

from formalrl.batch import Batch
from formalrl.diagnostics.dependence import cross_logp, distinct_rows, prompt_dependence
from formalrl.models.policy import score
from formalrl.ops.entropies import token_entropy
from formalrl.ops.kl import k3
from formalrl.ops.logprobs import MAX_SURPRISE
from formalrl.ops.mean_policy import add_rows, batch_entropy, no_rows
from formalrl.sampling import SamplingRule
from formalrl.training.annotate import reference_logprobs
from formalrl.training.collate import collate
from formalrl.training.collect import Draw, collect
from formalrl.training.engine import Engine
from formalrl.training.stopwatch import Stopwatch
from formalrl.types import Score

DIAGNOSTIC_SEED = 0xD1A6
TOKEN_BUDGET = 65_536
"""Completion tokens that the cross-scoring of N completions under N prompts may cost."""
_CHUNK_TOKENS = 8_192


def measure_policy(engine: Engine, step: int) -> dict[str, Any]:
    """Sample one completion of each diagnostic prompt as training does, and measure the policy on them.

    Returns `entropy`, `batch_entropy`, `prompt_dependence`, `prompt_dependence_nats`, `retrieval_accuracy`, `kl_ref`,
    `ref_perplexity`; the same on every rank. Probabilities are those at the training temperature over
    permitted tokens: with a grammar, those that it permits after the completion's own prompt.
    """
    config = engine.config
    rows = distinct_rows([repr(prompt.text) for prompt in engine.eval_prompts], config.num_diagnostic_prompts)
    prompts = [engine.eval_prompts[row] for row in rows]
    rollouts = collect(engine, Draw(prompts, 1, config.seed + DIAGNOSTIC_SEED, step), engine.rule, Stopwatch())
    measured = None
    if engine.runtime.is_main:
        unscored = dataclasses.replace(rollouts, scores=[Score(0.0)] * len(rollouts))
        batch = collate(unscored, pad_token_id=engine.rule.pad_token_id)
        assert batch is not None, "every row has a score"
        with torch.no_grad():
            measured = _measure(
                engine, (batch if engine.grammar else batch.replace(kept=None)).to(engine.runtime.device)
            )
    return engine.runtime.from_main(measured)


def _measure(engine: Engine, batch: Batch) -> dict[str, Any]:
    rule = dataclasses.replace(engine.rule, top_k=0, top_p=1.0, min_p=0.0)
    num_tokens = batch.mask.sum().clamp(min=1.0)
    entropy, divergence, surprise = 0.0, 0.0, 0.0
    mean = no_rows(batch.mask.shape[1], engine.policy.vocab_size, batch.mask.device)
    for micro in batch.micro_batches(_rows_a_chunk(batch)):
        weights = micro.mask / num_tokens
        with engine.runtime.autocast():
            output = score(engine.policy, micro, rule)
        entropy += float((token_entropy(output.logp_all) * weights).sum())
        mean = add_rows(mean, output.logp_all, micro.mask)
        if engine.reference is not None:
            reference = reference_logprobs(engine, micro, rule)
            divergence += float((k3(output.logprobs, reference) * weights).sum())
            surprise -= float((reference * weights).sum())
    dependence = _dependence(engine, batch, rule)
    return {
        "entropy": entropy,
        "batch_entropy": float(batch_entropy(mean)),
        "prompt_dependence": dependence.fraction,
        "prompt_dependence_nats": dependence.nats,
        "retrieval_accuracy": dependence.retrieval_accuracy,
        "kl_ref": divergence if engine.reference is not None else None,
        "ref_perplexity": math.exp(min(surprise, MAX_SURPRISE)) if engine.reference is not None else None,
    }


def _rows_a_chunk(batch: Batch) -> int:
    tokens = batch.mask.shape[1] + batch.prompt_ids.shape[1]
    return max(1, _CHUNK_TOKENS // tokens)


def _dependence(engine: Engine, batch: Batch, rule: SamplingRule) -> Any:
    """Score the first N completions under all of their N prompts, N as large as the budget allows."""
    length = max(1.0, float(batch.mask.sum(1).mean()))
    count = min(len(batch), max(2, math.isqrt(int(TOKEN_BUDGET / length))))

    def logprob(prompts: Sequence[int], completions: Sequence[int]) -> list[float]:
        rows = torch.tensor(completions, device=batch.mask.device)
        used, prompt_index = torch.unique(torch.tensor(prompts, device=batch.mask.device), return_inverse=True)
        pairs = Batch(
            prompt_ids=batch.prompt_ids[used],
            prompt_mask=batch.prompt_mask[used],
            prompt_index=prompt_index,
            completion_ids=batch.completion_ids[rows],
            mask=batch.mask[rows],
            old_logprobs=batch.old_logprobs[rows],
            rewards=batch.rewards[rows],
            kept=None if batch.kept is None else batch.kept[rows],
        )
        with engine.runtime.autocast():
            logprobs = score(engine.policy, pairs, rule).logprobs
        return (logprobs * pairs.mask).sum(1).tolist()

    return prompt_dependence(cross_logp(logprob, count, count, chunk=max(1, int(_CHUNK_TOKENS / length))))
