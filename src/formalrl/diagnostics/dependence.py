"""Prompt dependence: how much of a completion is explained by the prompt it was written for.

With completions z_i of N distinct prompts x_j, the mutual information between prompt and completion is estimated by
I = mean_i [log p(z_i | x_i) - log (1/N) sum_j p(z_i | x_j)], which is exact in the policy's own probabilities over
this set of prompts and needs no second model. It never exceeds log N (each prompt then has completions of its own).
Input-independent output under the name "template collapse" and this use of mutual information: arXiv 2604.06268.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

LogProb = Callable[[Sequence[int], Sequence[int]], Sequence[float]]
"""(prompt indices, completion indices), pairwise -> log p(completion | prompt), summed over the completion's tokens."""


@dataclass(frozen=True)
class PromptDependence:
    """Mutual information between prompts and whole completions."""

    fraction: float | None
    """nats / log N clipped to [0, 1]; None with fewer than two prompts."""
    nats: float | None
    """The estimate itself; may be slightly negative."""
    retrieval_accuracy: float | None
    """How often the own prompt is the one that makes a completion most likely; ties count in parts (chance: 1 / N)."""
    num_prompts: int
    num_completions: int


def prompt_dependence(logp: np.ndarray, own: Sequence[int] | None = None) -> PromptDependence:
    """Estimate the dependence from `logp` [C, N]: rows completions, columns distinct prompts.

    Args:
        logp: log p(z_i | x_j) of whole completions; -inf where a prompt cannot give a completion. Rows that hold NaN,
            and rows that their own prompt cannot give, are left out.
        own: the column each completion was written for, length C; by default row i belongs to column i. Prompts with
            unequal numbers of completions count equally.
    """
    values = np.asarray(logp, dtype=np.float64)
    columns = np.arange(values.shape[0]) if own is None else np.asarray(own, dtype=np.int64)
    own_logp = values[np.arange(values.shape[0]), columns]
    usable = ~np.isnan(values).any(axis=1) & np.isfinite(own_logp)
    values, columns, own_logp = values[usable], columns[usable], own_logp[usable]
    num_completions, num_prompts = values.shape
    if num_prompts < 2 or num_completions == 0:
        return PromptDependence(None, None, None, num_prompts, num_completions)
    weights = 1.0 / np.bincount(columns, minlength=num_prompts)[columns]
    weights /= weights.sum()
    shifted = values - values.max(axis=1, keepdims=True)
    log_mean = np.log(np.exp(shifted).mean(axis=1)) + values.max(axis=1)
    nats = float((weights * (own_logp - log_mean)).sum())
    ties = values >= values.max(axis=1, keepdims=True) - 1e-9
    hits = ties[np.arange(num_completions), columns] / ties.sum(axis=1)
    fraction = float(np.clip(nats / np.log(num_prompts), 0.0, 1.0))
    return PromptDependence(fraction, nats, float((weights * hits).sum()), num_prompts, num_completions)


def distinct_rows(keys: Sequence[Hashable], limit: int) -> list[int]:
    """Return the first row of each distinct key, at most `limit` of them spread evenly over the rows."""
    seen: dict[Hashable, int] = {}
    for row, key in enumerate(keys):
        seen.setdefault(key, row)
    first = list(seen.values())
    if len(first) <= limit:
        return first
    return [first[int(position)] for position in np.linspace(0, len(first) - 1, limit)]


def cross_pairs(num_prompts: int, num_completions: int, chunk: int) -> Iterator[tuple[list[int], list[int]]]:
    """Yield (prompt indices, completion indices) of every pair, at most `chunk` pairs at a time, prompt by prompt.

    One prompt's pairs are neighbors, so a policy that computes shared prefixes once does so for nearly all of them.
    """
    total = num_prompts * num_completions
    for start in range(0, total, chunk):
        pairs = range(start, min(start + chunk, total))
        yield [pair // num_completions for pair in pairs], [pair % num_completions for pair in pairs]


def cross_logp(logprob: LogProb, num_prompts: int, num_completions: int, chunk: int = 1024) -> np.ndarray:
    """Return the matrix [C, N] of log p(z_i | x_j), computed in chunks of at most `chunk` pairs."""
    values = np.full((num_completions, num_prompts), np.nan)
    for prompts, completions in cross_pairs(num_prompts, num_completions, chunk):
        values[completions, prompts] = np.asarray(logprob(prompts, completions), dtype=np.float64)
    return values
