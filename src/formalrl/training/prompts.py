"""Which prompts a step asks: a pure function of (seed, step, round)."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

_ROUND_STREAM = 1
_SELECT_STREAM = 2


@dataclass(frozen=True)
class PromptStream:
    """Draws prompt numbers without replacement, epoch after epoch; later rounds of a step draw at random."""

    num_prompts: int
    """How many training prompts there are."""
    seed: int

    def indices(self, step: int, count: int, sampling_round: int = 0) -> np.ndarray:
        """Return `count` prompt numbers for `step` (from 0); round 0 walks through shuffled epochs."""
        if sampling_round > 0:
            generator = np.random.default_rng([self.seed, _ROUND_STREAM, step, sampling_round])
            return generator.integers(self.num_prompts, size=count)
        positions = np.arange(step * count, (step + 1) * count)
        epochs, offsets = np.divmod(positions, self.num_prompts)
        return np.concatenate(
            [_permutation(self.num_prompts, self.seed, int(e))[offsets[epochs == e]] for e in np.unique(epochs)]
        )


@lru_cache(maxsize=2)
def _permutation(count: int, seed: int, epoch: int) -> np.ndarray:
    return np.random.default_rng([seed, epoch]).permutation(count)


def draw_by_weight(weights: np.ndarray, count: int, key: Sequence[int]) -> np.ndarray:
    """Return `count` distinct sorted positions, drawn with chances proportional to `weights` [N] and keyed by `key`.

    Exponential races (Efraimidis and Spirakis 2006): the smallest Exp(1) / weight win. Where fewer than `count` weights
    are positive, the rest is drawn uniformly.
    """
    noise = np.random.default_rng([*key, _SELECT_STREAM]).exponential(size=len(weights))
    positive = weights > 0
    races = np.where(positive, noise / np.where(positive, weights, 1.0), np.inf)
    order = np.lexsort((noise, races))
    return np.sort(order[:count])
