"""Metrics of a step that come from rollouts, the reference and the clock; `docs/metrics.md` has every formula."""

import resource
from collections import Counter
from collections.abc import Sequence

import torch

from formalrl.batch import Batch
from formalrl.ops.kl import k3, sequence_kl
from formalrl.ops.logprobs import perplexity
from formalrl.training.engine import Engine
from formalrl.training.rollouts import Rollouts
from formalrl.training.sampling_rounds import groups_with_spread
from formalrl.training.stopwatch import Stopwatch
from formalrl.types import ERROR_KINDS, Score

_GIB = 2**30


def rollout_metrics(rollouts: Rollouts) -> dict[str, float]:
    """Return rewards, errors, accuracy and lengths over all drawn groups of a step."""
    rewards = rollouts.rewards()
    scored = rewards[~torch.isnan(rewards)]
    lengths = rollouts.samples.mask.sum(1)
    metrics = {
        "reward/error_rate": 1.0 - len(scored) / len(rewards),
        "completions/count": float(len(rewards)),
        "completions/length_mean": float(lengths.mean()),
        "completions/truncated_fraction": float(rollouts.truncated().float().mean()),
    }
    if len(scored):
        metrics["reward/mean"] = float(scored.mean())
        metrics["reward/std"] = float(scored.std(correction=0))
        if len(rewards) > len(rollouts.prompts):  # a single completion has no spread to lack
            metrics["reward/zero_std_fraction"] = 1.0 - len(groups_with_spread(rollouts)) / len(rollouts.prompts)
    errors = Counter(score.error for score in rollouts.scores)
    metrics |= {f"reward/error_rate/{kind}": errors[kind] / len(rewards) for kind in ERROR_KINDS if errors[kind]}
    judged = [flag for flag in rollouts.correct if flag is not None]
    if judged:
        metrics["train/accuracy"] = sum(judged) / len(judged)
    return metrics | _part_means(rollouts.scores)


def _part_means(scores: Sequence[Score]) -> dict[str, float]:
    sums: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    for score in scores:
        sums.update(score.parts)
        counts.update(score.parts.keys())
    return {f"reward/parts/{name}": sums[name] / counts[name] for name in sorted(counts)}


def kl_metrics(batch: Batch) -> dict[str, float]:
    """Return KL of the sampling policy to the reference, per token (k3) and sequence (k1), and perplexity under it."""
    if batch.ref_logprobs is None:
        return {}
    weights = batch.mask / batch.mask.sum().clamp(min=1.0)
    return {
        "policy/kl_ref": float((k3(batch.old_logprobs, batch.ref_logprobs) * weights).sum()),
        "policy/kl_sequence": float(sequence_kl(batch.old_logprobs, batch.ref_logprobs, batch.mask).mean()),
        "policy/ref_perplexity": float(perplexity(batch.ref_logprobs, batch.mask)),
    }


def information_metrics(batch: Batch) -> dict[str, float]:
    """Return log p(z|x) - log p_mix(z) summed over a completion, mean over completions; empty where not measured."""
    if batch.mixture_logprobs is None:
        return {}
    return {
        "policy/pointwise_information": float(
            sequence_kl(batch.old_logprobs, batch.mixture_logprobs, batch.mask).mean()
        )
    }


def speed_metrics(engine: Engine, rollouts: Rollouts, clock: Stopwatch) -> dict[str, float]:
    """Return seconds by phase, completions and tokens per second, and the peak memory of this rank."""
    total = clock.total()
    tokens = float(rollouts.samples.mask.sum())
    times = {f"time/{name}_s": clock.seconds.get(name, 0.0) for name in ("select", "sample", "reward", "update")}
    if engine.runtime.device.type == "cuda":
        peak = torch.cuda.max_memory_allocated(engine.runtime.device) / _GIB
    else:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / _GIB
    return times | {
        "time/step_s": total,
        "throughput/completions_per_s": len(rollouts) / total,
        "throughput/tokens_per_s": tokens / total,
        "memory/peak_gib": peak,
    }
