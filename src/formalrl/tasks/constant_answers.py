"""What k fixed numbers can earn when the reward falls with the distance to the true value: exact, before any training.

A policy that ignores its prompts answers one number; one that gives k distinct answers earns at most what the best k
numbers earn when each prompt gets the best of them. Numbers on a line are served by their neighbors, so the best k
follow from a dynamic program over the gaps between neighboring answers, O(k n^2) for n numbers.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class ConstantAnswers:
    """The best k fixed answers."""

    answers: tuple[int, ...]
    """Ascending."""
    reward: float
    """The mean reward when every prompt gets the best of them."""
    accuracy: float
    """The share of prompts whose true value is among them."""


def best_answers(histogram: Mapping[int, float], reward: Callable[[float], float], k: int) -> ConstantAnswers:
    """Return the k numbers with the highest mean reward over `histogram` (true value -> how often). Exact.

    `reward` maps the distance to the true value to a reward and must not rise with it.
    """
    import numpy as np

    low, weights, rewards = _on_a_line(histogram, reward)
    n = len(weights)
    k = min(k, n)
    gains = _gaps(weights, rewards)
    below = np.array([rewards[b::-1] @ weights[: b + 1] for b in range(n)])
    best, choices = below, []
    for _ in range(k - 1):
        candidates = best[:, None] + gains
        choices.append(candidates.argmax(axis=0))
        best = candidates.max(axis=0)
    above = np.array([rewards[1 : n - a] @ weights[a + 1 :] for a in range(n)])
    answers = [int((best + above).argmax())]
    for choice in reversed(choices):
        answers.append(int(choice[answers[-1]]))
    return _measured(sorted(answers), low, weights, rewards)


def greedy_answers(histogram: Mapping[int, float], reward: Callable[[float], float], k: int) -> ConstantAnswers:
    """Return k numbers chosen one after the other, each the best addition to those before."""
    import numpy as np

    low, weights, rewards = _on_a_line(histogram, reward)
    positions = np.arange(len(weights))
    covered, answers = np.full(len(weights), -np.inf), []
    for _ in range(min(k, len(weights))):
        values = [np.maximum(covered, rewards[abs(positions - answer)]) @ weights for answer in positions]
        answers.append(int(np.argmax(values)))
        covered = np.maximum(covered, rewards[abs(positions - answers[-1])])
    return _measured(sorted(answers), low, weights, rewards)


def _on_a_line(
    histogram: Mapping[int, float], reward: Callable[[float], float]
) -> "tuple[int, np.ndarray, np.ndarray]":
    """The lowest value, the share of each value from there on, and the reward at each distance."""
    import numpy as np

    low, high = min(histogram), max(histogram)
    weights = np.array([histogram.get(value, 0) for value in range(low, high + 1)], dtype=float)
    return low, weights / weights.sum(), np.array([reward(float(distance)) for distance in range(high - low + 1)])


def _gaps(weights: "np.ndarray", rewards: "np.ndarray") -> "np.ndarray":
    """[a, b]: what the values above a, up to b, earn when a and b are neighboring answers; -inf unless a < b."""
    import numpy as np

    n = len(weights)
    gains = np.full((n, n), -np.inf)
    for a in range(n - 1):
        from_a = np.concatenate([[0.0], np.cumsum(rewards[1 : n - a] * weights[a + 1 :])])
        gaps = np.arange(1, n - a)
        gains[a, a + 1 :] = from_a[gaps // 2]
    for b in range(1, n):
        from_b = np.concatenate([[0.0], np.cumsum(rewards[: b + 1] * weights[b::-1])])
        gaps = b - np.arange(b)
        gains[:b, b] += from_b[gaps - gaps // 2]
    return gains


def _measured(answers: list[int], low: int, weights: "np.ndarray", rewards: "np.ndarray") -> ConstantAnswers:
    import numpy as np

    distances = abs(np.arange(len(weights))[:, None] - np.array(answers)).min(axis=1)
    return ConstantAnswers(
        answers=tuple(answer + low for answer in answers),
        reward=float(rewards[distances] @ weights),
        accuracy=float(weights[answers].sum()),
    )
