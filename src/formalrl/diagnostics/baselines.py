"""k-answer baselines: the best mean reward that any k fixed answers can earn on a set of prompts.

For k answers the best of the k is given to every prompt, so k = 1 is the best constant answer and larger k bound what a
policy with only k distinct answers can earn. A reward near the baseline of its own k says that the policy has stopped
looking for further answers, however good the reward looks.
"""

import itertools
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from formalrl.types import Prompt, Score

Row = tuple[Any, str, Mapping[str, Any]]
"""(prompt text or messages, completion text, columns): what a reward is called with."""
ScoreRows = Callable[[Sequence[Row]], Sequence[Score]]
MAX_SEEN_ANSWERS = 64
REWARD_CALL_BUDGET = 200_000
EXACT_WORK = 200_000_000
"""Up to this many comparisons (subsets x prompts) all subsets of k >= 3 answers are tried."""
PAIR_WORK = 5_000_000_000


class FixedAnswers(NamedTuple):
    """The best k fixed answers."""

    value: float
    """Their mean reward over the prompts; NaN when no prompt could be scored."""
    indices: tuple[int, ...]
    """Columns of the reward matrix, ascending."""
    exact: bool
    """False: found by greedy choice and swaps, so `value` is a lower bound of the best."""


def best_fixed_answers(rewards: np.ndarray, k: int) -> FixedAnswers:
    """Return the k columns of `rewards` [N, A] with the highest mean of row-wise maxima.

    Exact for k = 1 and 2 and wherever trying all subsets is cheap; otherwise greedy choice followed by single swaps
    until none helps, a lower bound (for rewards >= 0 the greedy start alone reaches 1 - 1/e of the best: Nemhauser,
    Wolsey and Fisher, Mathematical Programming 14, 1978). Failed scores (NaN) count as the lowest reward of their
    prompt; prompts that have only failed scores are left out.
    """
    if k < 1:
        raise ValueError(f"k is {k!r}, but a baseline needs at least one answer: use k >= 1.")
    matrix = _filled(np.asarray(rewards, dtype=np.float64))
    n, num_answers = matrix.shape
    if n == 0 or num_answers == 0:
        return FixedAnswers(math.nan, (), True)
    if k >= num_answers:
        return FixedAnswers(float(matrix.max(axis=1).mean()), tuple(range(num_answers)), True)
    if k == 1:
        best = int(matrix.mean(axis=0).argmax())
        return FixedAnswers(float(matrix[:, best].mean()), (best,), True)
    if k == 2 and n * num_answers**2 <= PAIR_WORK:
        return _best_pair(matrix)
    if math.comb(num_answers, k) * n <= EXACT_WORK and math.comb(num_answers, k) <= 20_000:
        return _try_all(matrix, k)
    return _greedy_and_swaps(matrix, k)


def _filled(matrix: np.ndarray) -> np.ndarray:
    matrix = matrix[~np.isnan(matrix).all(axis=1)] if matrix.size else matrix
    if not np.isnan(matrix).any():
        return matrix
    return np.where(np.isnan(matrix), np.nanmin(matrix, axis=1, keepdims=True), matrix)


def _value(matrix: np.ndarray, columns: Iterable[int]) -> float:
    return float(matrix[:, list(columns)].max(axis=1).mean())


def _best_pair(matrix: np.ndarray) -> FixedAnswers:
    best, pair = -math.inf, (0, 1)
    for first in range(matrix.shape[1] - 1):
        values = np.maximum(matrix[:, first + 1 :], matrix[:, first : first + 1]).mean(axis=0)
        second = int(values.argmax())
        if values[second] > best:
            best, pair = float(values[second]), (first, first + 1 + second)
    return FixedAnswers(best, pair, True)


def _try_all(matrix: np.ndarray, k: int) -> FixedAnswers:
    best = max(itertools.combinations(range(matrix.shape[1]), k), key=lambda columns: _value(matrix, columns))
    return FixedAnswers(_value(matrix, best), best, True)


def _greedy_and_swaps(matrix: np.ndarray, k: int) -> FixedAnswers:
    chosen: list[int] = []
    covered = np.full(matrix.shape[0], -np.inf)
    for _ in range(k):
        values = np.maximum(matrix, covered[:, None]).mean(axis=0)
        values[chosen] = -np.inf
        chosen.append(int(values.argmax()))
        covered = np.maximum(covered, matrix[:, chosen[-1]])
    value = float(covered.mean())
    improved = True
    while improved:
        improved = False
        for position in range(k):
            others = chosen[:position] + chosen[position + 1 :]
            values = np.maximum(matrix, matrix[:, others].max(axis=1)[:, None]).mean(axis=0)
            values[others] = -np.inf
            candidate = int(values.argmax())
            if values[candidate] > value + 1e-12:
                chosen[position], value, improved = candidate, float(values[candidate]), True
    return FixedAnswers(value, tuple(sorted(chosen)), False)


@dataclass(frozen=True)
class AnswerTable:
    """The reward of every candidate answer on every evaluation prompt. Made once, extended when new answers turn up."""

    answers: tuple[str, ...]
    """Completion texts, one a column."""
    rewards: np.ndarray
    """[N, A]; NaN where the scorer failed."""
    complete: bool
    """True when `answers` are all answers the task has, so that `ceiling` is the best possible reward."""
    _cache: dict[int, FixedAnswers] = field(default_factory=dict, compare=False, repr=False)

    def best(self, k: int) -> FixedAnswers:
        """Return the best k fixed answers among the candidates."""
        if k not in self._cache:
            self._cache[k] = best_fixed_answers(self.rewards, k)
        return self._cache[k]

    def value(self, k: int) -> float | None:
        """Return the k-answer baseline, None when nothing could be scored."""
        found = self.best(k).value
        return None if math.isnan(found) else found

    @property
    def ceiling(self) -> float | None:
        """The mean of every prompt's best candidate: the highest reward there is when the table is complete."""
        return self.value(len(self.answers)) if self.answers else None

    def best_answers(self) -> list[int]:
        """Return one of the best answers of every scored prompt, few distinct ones overall (a greedy choice)."""
        matrix = _filled(self.rewards)
        if not matrix.size:
            return []
        is_best = matrix >= matrix.max(axis=1, keepdims=True) - 1e-9
        chosen = np.full(matrix.shape[0], -1)
        while (chosen < 0).any():
            answer = int(is_best[chosen < 0].sum(axis=0).argmax())
            chosen[(chosen < 0) & is_best[:, answer]] = answer
        return [int(answer) for answer in chosen]


def candidate_answers(
    num_prompts: int,
    seen: Sequence[str],
    all_answers: Sequence[str] | None = None,
    budget: int = REWARD_CALL_BUDGET,
) -> tuple[list[str], bool]:
    """Return the answers to try as fixed answers, and whether they are all that the task has.

    All of `all_answers` when their reward calls (prompts x answers) fit the budget; else the most common of `seen`, at
    most 64 and at most what the budget allows (at least one).
    """
    if all_answers is not None and num_prompts * len(all_answers) <= budget:
        return list(dict.fromkeys(all_answers)), True
    limit = max(1, min(MAX_SEEN_ANSWERS, budget // max(1, num_prompts)))
    return [answer for answer, _ in Counter(seen).most_common(limit)], False


def answer_table(prompts: Sequence[Prompt], answers: Sequence[str], complete: bool, score: ScoreRows) -> AnswerTable:
    """Score every answer on every prompt through `score` and return the table."""
    rewards = _score_matrix(prompts, answers, score)
    return AnswerTable(tuple(answers), rewards, complete)


def extend_table(
    table: AnswerTable,
    prompts: Sequence[Prompt],
    seen: Sequence[str],
    score: ScoreRows,
    budget: int = REWARD_CALL_BUDGET,
) -> AnswerTable:
    """Return the table with the most common of the `seen` answers it lacks, the budget counted over all columns.

    A complete table comes back as it is: only the new columns are scored, so baselines never fall during a run.
    """
    if table.complete:
        return table
    room = min(4 * MAX_SEEN_ANSWERS, budget // max(1, len(prompts))) - len(table.answers)
    wanted, _ = candidate_answers(len(prompts), seen, None, budget)
    new = [answer for answer in wanted if answer not in set(table.answers)][: max(0, room)]
    if not new:
        return table
    rewards = np.concatenate([table.rewards, _score_matrix(prompts, new, score)], axis=1)
    return AnswerTable((*table.answers, *new), rewards, False)


def _score_matrix(prompts: Sequence[Prompt], answers: Sequence[str], score: ScoreRows) -> np.ndarray:
    rows: list[Row] = [(prompt.text, answer, prompt.columns) for prompt in prompts for answer in answers]
    values = [math.nan if s.reward is None else float(s.reward) for s in score(rows)] if rows else []
    return np.array(values, dtype=np.float64).reshape(len(prompts), len(answers))
