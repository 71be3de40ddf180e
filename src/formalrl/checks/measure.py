"""Measure a reward: latency, determinism, spread, baselines, errors. The calls run where the scorer has them run."""

import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from formalrl.checks.completions import CONSTANTS, EMPTY, HOSTILE, Reference, corrupted
from formalrl.rewards.call import RewardKey, score_rows
from formalrl.rewards.scorers import Scorer
from formalrl.rewards.signature import RewardRow
from formalrl.types import Prompt, Score

TOLERANCE = 1e-9
"""Rewards this close are equal."""
ROUNDING = 1e-5
"""Share of a reward by which it may differ when it is computed in another batch, as float32 rounds."""
NUM_TIMED = 24
"""Calls whose time is taken one by one."""


@dataclass(frozen=True)
class Latency:
    """How long one call takes, in seconds, with the way to the worker and back."""

    median: float
    p95: float
    together: float
    """Seconds a row when many rows are scored at once, by all workers."""


@dataclass(frozen=True)
class Repeats:
    """In how many rows a reward differs from itself."""

    num_rows: int
    same_seed: int
    """Scored again with the same random seed."""
    other_seed: int
    """Scored again with another seed."""
    alone: int
    """Scored alone instead of among others."""


def latency(scorer: Scorer, rows: Sequence[RewardRow]) -> Latency:
    """Return the latency over some rows."""
    return timed_scores(scorer, rows, RewardKey(seed=2))[1]


def timed_scores(scorer: Scorer, rows: Sequence[RewardRow], key: RewardKey) -> tuple[list[Score], Latency]:
    """Return the scores of all rows, and how long the calls took: some of them one by one, then all together."""
    seconds = []
    for row in rows[:: max(1, len(rows) // NUM_TIMED)][:NUM_TIMED]:
        began = time.perf_counter()
        scorer.score([row], RewardKey(seed=1))
        seconds.append(time.perf_counter() - began)
    began = time.perf_counter()
    scores = scorer.score(rows, key)
    together = (time.perf_counter() - began) / len(rows)
    p95 = sorted(seconds)[int(0.95 * (len(seconds) - 1))]
    return scores, Latency(statistics.median(seconds), p95, together)


def repeats(scorer: Scorer, rows: Sequence[RewardRow]) -> Repeats:
    """Return in how many rows the reward differs when it is asked again."""
    key = RewardKey(seed=3)
    first = scorer.score(rows, key)
    alone = [scorer.score([row], replace(key, first_row=number))[0] for number, row in enumerate(rows)]
    same, other = scorer.score(rows, key), scorer.score(rows, replace(key, seed=4))
    return Repeats(
        len(rows), _num_different(first, same), _num_different(first, other), _num_different(first, alone, ROUNDING)
    )


def _num_different(first: Sequence[Score], second: Sequence[Score], rounding: float = 0.0) -> int:
    return sum(
        (a.reward is None) != (b.reward is None)
        or (
            a.reward is not None
            and b.reward is not None
            and abs(a.reward - b.reward) > TOLERANCE + rounding * abs(a.reward)
        )
        for a, b in zip(first, second, strict=True)
    )


def rewards_of(scorer: Scorer, rows: Sequence[RewardRow]) -> list[float | None]:
    """Return the rewards; None where the scorer failed."""
    return [score.reward for score in scorer.score(rows, RewardKey(seed=5))]


def mean(values: Sequence[float | None]) -> float | None:
    """Return the mean of what is there, None when nothing is."""
    present = [value for value in values if value is not None]
    return statistics.fmean(present) if present else None


@dataclass(frozen=True)
class Wrong:
    """How wrong answers compare with the references."""

    shuffled: float | None
    """Mean reward of the references of other prompts."""
    num_ties: int
    """Prompts on which some wrong answer has the reference's reward, or more."""
    num_prompts: int
    example: str
    """A wrong answer that is worth as much as the right one."""
    levels: int
    """Distinct rewards among the wrong answers."""


def wrong_answers(
    scorer: Scorer, found: Sequence[Reference], own: Sequence[float | None], is_correct: Callable[..., bool] | None
) -> Wrong:
    """Return how the references of other prompts, and corrupted ones, are rewarded."""
    rng = random.Random(6)
    shuffled, rows, places = [], [], []
    for place, reference in enumerate(found):
        others = [o.completion for o in found if o.completion != reference.completion]
        tried = ([rng.choice(others)] if others else []) + list(corrupted(reference.completion, rng))
        for position, text in enumerate(tried):
            if is_correct is None and position > 0:
                continue  # without a verdict of the task, only another prompt's answer is surely meant to be wrong
            if is_correct is None or not is_correct(reference.prompt.text, text, **reference.prompt.columns):
                rows.append(reference.row(text))
                places.append((place, bool(others) and position == 0))
    values = rewards_of(scorer, rows)
    shuffled = [value for value, (_, other) in zip(values, places, strict=True) if other]
    ties: dict[int, str] = {}
    for value, row, (place, _) in zip(values, rows, places, strict=True):
        right = own[place]
        if value is not None and right is not None and value >= right - TOLERANCE:
            ties.setdefault(place, row.completion)
    levels = len({round(value, 9) for value in values if value is not None})
    return Wrong(mean(shuffled), len(ties), len(found), next(iter(ties.values()), ""), levels)


@dataclass(frozen=True)
class Constant:
    """The best answer that is given to every prompt."""

    answer: str
    reward: float
    num_tried: int


def best_constant(scorer: Scorer, prompts: Sequence[Prompt], answers: Sequence[str], max_calls: int) -> Constant | None:
    """Return the constant answer with the highest mean reward; fewer are tried when calls are slow."""
    candidates = list(dict.fromkeys([*answers, *CONSTANTS, *EMPTY.values()]))
    num_prompts = max(4, min(len(prompts), max_calls // max(1, len(candidates))))
    chosen = prompts[:: max(1, len(prompts) // num_prompts)][:num_prompts]
    candidates = candidates[: max(4, max_calls // max(1, len(chosen)))]
    rows = [RewardRow(p.text, answer, p.columns) for answer in candidates for p in chosen]
    values = rewards_of(scorer, rows)
    means = [mean(values[n * len(chosen) : (n + 1) * len(chosen)]) for n in range(len(candidates))]
    scored = [(value, answer) for value, answer in zip(means, candidates, strict=True) if value is not None]
    if not scored:
        return None
    value, answer = max(scored)
    return Constant(answer, value, len(candidates))


@dataclass(frozen=True)
class Errors:
    """Failures of the scorer on completions of one sort."""

    num_rows: int
    kinds: dict[str, int]
    names: tuple[str, ...]
    """Which completions it failed on."""
    detail: str
    """Of the first failure."""


NO_ERRORS = Errors(0, {}, (), "")


def errors_on(scorer: Scorer, prompts: Sequence[Prompt], completions: dict[str, str]) -> Errors:
    """Return how the scorer fails on some completions of some prompts."""
    named = [(name, RewardRow(p.text, text, p.columns)) for name, text in completions.items() for p in prompts]
    return errors_in([name for name, _ in named], scorer.score([row for _, row in named], RewardKey(seed=7)))


def errors_in(names: Sequence[str], scores: Sequence[Score]) -> Errors:
    """Return the failures among some scores."""
    failed = [(name, score) for name, score in zip(names, scores, strict=True) if score.error is not None]
    kinds = Counter(score.error or "" for _, score in failed)
    return Errors(
        len(scores), dict(kinds), tuple(dict.fromkeys(n for n, _ in failed)), failed[0][1].detail if failed else ""
    )


def hostile(prompt: Prompt) -> dict[str, str]:
    """Return the hostile completions, the prompt itself among them."""
    return {**HOSTILE, **({"the_prompt": prompt.text} if isinstance(prompt.text, str) else {})}


@dataclass(frozen=True)
class LoadsTorch:
    """A reward that says whether the process has loaded torch after calling another one, of any form."""

    function: Callable[..., Any]

    def __call__(self, prompt: Any, completion: str, **columns: Any) -> float:
        """Return 1.0 when torch is there."""
        score_rows(self.function, [RewardRow(prompt, completion, columns)])
        return float("torch" in sys.modules)
