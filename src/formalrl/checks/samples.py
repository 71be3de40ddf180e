"""Check a reward on what a model writes: groups without spread, errors, latency, and whether the prompt matters."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from formalrl.checks import measure
from formalrl.diagnostics.baselines import Row
from formalrl.diagnostics.shuffled import shuffled_reward
from formalrl.rewards.call import RewardKey
from formalrl.rewards.scorers import Scorer
from formalrl.rewards.signature import RewardRow
from formalrl.types import Prompt, Score

Sample = Callable[[Sequence[Prompt]], Sequence[str]]
"""What a model writes: one completion for each prompt; a prompt comes once for each completion wanted of it."""
MAX_SHUFFLED = 128
"""Samples that are scored against another prompt's columns, too."""
NUM_SHOWN = 3
"""Samples that the measurements hold."""


@dataclass(frozen=True)
class Samples:
    """Rewards of completions that a model sampled."""

    num_rows: int
    mean: float | None
    low: float | None
    high: float | None
    errors: measure.Errors
    groups_without_spread: float | None
    """Share of groups in which all completions have the same reward."""
    latency: measure.Latency
    shuffled: float | None = None
    """Mean reward of samples against the columns of other prompts; None where all prompts have the same."""
    own: float | None = None
    """Mean reward of the same samples against their own."""
    shown: tuple[str, ...] = ()
    """Some of the completions."""


def sampled(prompts: Sequence[Prompt], scorer: Scorer, sample: Sample, size: int) -> Samples:
    """Return how a model's completions are rewarded, in groups of `size` (2 or more) of each prompt."""
    asked = [prompt for prompt in prompts for _ in range(size)]
    rows = [RewardRow(p.text, text, p.columns) for p, text in zip(asked, sample(asked), strict=True)]
    scores, latency = measure.timed_scores(scorer, rows, RewardKey(seed=9))
    rewards = [score.reward for score in scores]
    known = [reward for reward in rewards if reward is not None]
    chosen = [n for n in range(len(rows)) if n % size < max(1, MAX_SHUFFLED // len(prompts))]
    against: list[Row] = [(rows[n].prompt, rows[n].completion, rows[n].columns) for n in chosen]
    other = shuffled_reward(against, lambda mixed: _score(scorer, mixed), [rewards[n] for n in chosen])
    return Samples(
        num_rows=len(rows),
        mean=measure.mean(rewards),
        low=min(known, default=None),
        high=max(known, default=None),
        errors=measure.errors_in([row.completion[:20] for row in rows], scores),
        groups_without_spread=_share_without_spread(rewards, size),
        latency=latency,
        shuffled=other.shuffled,
        own=other.own,
        shown=tuple(row.completion[:60] for row in rows[:: max(1, len(rows) // NUM_SHOWN)][:NUM_SHOWN]),
    )


def _share_without_spread(rewards: Sequence[float | None], size: int) -> float:
    flat = 0
    for start in range(0, len(rewards), size):
        values = [reward for reward in rewards[start : start + size] if reward is not None]
        flat += len(values) < 2 or max(values) - min(values) <= measure.TOLERANCE
    return flat * size / len(rewards)


def _score(scorer: Scorer, rows: Sequence[Row]) -> list[Score]:
    return scorer.score([RewardRow(*row) for row in rows], RewardKey(seed=11))
