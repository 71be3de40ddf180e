"""Prompts that fell short are asked again: a memory of what each was worth when it was asked last.

Prioritized replay of prompts (arXiv 2010.03934, with the worth of `prompt_selection` as the score). A prompt whose
right answer is rare comes up seldom among fresh prompts; remembered, it is asked until the policy gets it right.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from formalrl.config import TrainConfig
from formalrl.training.objective import k_of_step
from formalrl.training.prompt_selection import prompt_worths
from formalrl.training.prompts import draw_by_weight
from formalrl.training.rollouts import Rollouts

MEMORY_STEPS = 8
"""The memory holds as many prompts as this many steps ask."""
_REPLAY_STREAM = 3


def replayed(config: TrainConfig, memory: Mapping[str, float], step: int, count: int) -> list[int]:
    """Return the numbers of remembered prompts among the `count` that a step asks, drawn in proportion to worth."""
    number = min(int(config.replay_fraction * count), len(memory))
    if number == 0:
        return []
    worths = np.array(list(memory.values()))
    known = [int(name) for name in memory]
    return [known[i] for i in draw_by_weight(worths, number, [config.seed, step, _REPLAY_STREAM])]


def remember(
    config: TrainConfig, memory: Mapping[str, float], step: int, numbers: Sequence[int], rollouts: Rollouts
) -> dict[str, float]:
    """Return the memory after a step: prompt number -> worth, the most worth first.

    Args:
        config: of the run; without a `replay_fraction` nothing is remembered.
        memory: before the step.
        step: from 0; it says for the best of how many completions the run learns.
        numbers: P numbers of the prompts that the step asked.
        rollouts: their completions with scores. A prompt without any score keeps the worth that it had.
    """
    if not config.replay_fraction:
        return {}
    worths = prompt_worths(rollouts, config.prompt_selection, k_of_step(config, step))
    scored = {str(n): w for n, w in zip(numbers, worths.tolist(), strict=True) if w == w}
    ranked = sorted(({**memory, **scored}).items(), key=lambda item: (-item[1], int(item[0])))
    return {name: worth for name, worth in ranked[: MEMORY_STEPS * config.prompts_per_step] if worth > 0}
