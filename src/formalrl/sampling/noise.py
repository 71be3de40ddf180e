"""Sampling noise as a pure function of where it is used: no generator state, no device, no order of calls."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)


@dataclass(frozen=True)
class NoiseKey:
    """What names the noise of one call of a sampler."""

    seed: int
    """Any integer, taken modulo 2^64, like the others."""
    step: int
    """The training step."""
    round: int = 0
    """The round of sampling within the step."""
    prompt_numbers: Sequence[int] = ()
    """The number of each prompt among all prompts of the round, on all processes; empty means 0, 1, 2, ..."""


def uniforms(key: NoiseKey, num_prompts: int, num_generations: int, num_positions: int) -> np.ndarray:
    """Return `[P * G, T]` float64 in [0, 1): one number per prompt, generation and position.

    The six coordinates (seed, step, round, prompt number, generation, position) are absorbed one after the other by the
    finalizer of splitmix64 (Steele, Lea and Flood, doi 10.1145/2660193.2660195); the top 53 bits are the number.

    Raises:
        ValueError: the key holds another number of prompts.
    """
    numbers = list(key.prompt_numbers) or list(range(num_prompts))
    if len(numbers) != num_prompts:
        raise ValueError(
            f"the noise key numbers {len(numbers)} prompts, but there are {num_prompts}: number each once."
        )
    state = np.zeros((1, 1, 1), dtype=np.uint64)
    for coordinate in (key.seed, key.step, key.round):
        state = _absorb(state, _words([coordinate]).reshape(1, 1, 1))
    state = _absorb(state, _words(numbers).reshape(-1, 1, 1))
    state = _absorb(state, np.arange(num_generations, dtype=np.uint64).reshape(1, -1, 1))
    state = _absorb(state, np.arange(num_positions, dtype=np.uint64).reshape(1, 1, -1))
    numbers_53 = (state >> np.uint64(11)).astype(np.float64) * 2.0**-53
    return numbers_53.reshape(num_prompts * num_generations, num_positions)


def _words(values: Sequence[int]) -> np.ndarray:
    return np.array([int(value) % 2**64 for value in values], dtype=np.uint64)


def _absorb(state: np.ndarray, coordinate: np.ndarray) -> np.ndarray:
    """Mix a coordinate in: mix(state + golden) xor coordinate, mixed again; overflow is meant."""
    with np.errstate(over="ignore"):
        return _mix(_mix(state + _GOLDEN) ^ (coordinate * _GOLDEN + _MIX_1))


def _mix(word: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):
        word = (word ^ (word >> np.uint64(30))) * _MIX_1
        word = (word ^ (word >> np.uint64(27))) * _MIX_2
        return word ^ (word >> np.uint64(31))
