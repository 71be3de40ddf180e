"""The numbers of one evaluation, and how they read: answers in use, what they could earn, what the prompts add."""

import math
from collections import Counter
from dataclasses import dataclass

from formalrl.diagnostics.answers import AnswerStatistics
from formalrl.diagnostics.baselines import AnswerTable

PLATEAU_TOLERANCE = 0.02
"""Rewards this close, as a fraction of the way from the best constant answer to the ceiling, are called equal."""


@dataclass(frozen=True)
class Evidence:
    """What one evaluation measured."""

    step: int
    answers: AnswerStatistics
    num_prompts: int
    """Distinct prompts evaluated."""
    reward: float | None
    """Mean over the scored completions; None when every score failed."""
    accuracy: float | None = None
    error_rate: float = 0.0
    entropy: float | None = None
    """Mean entropy of the policy per token, nats."""
    first_entropy: float | None = None
    """The same at step 0."""
    dependence: float | None = None
    """Prompt dependence, 0 to 1 (nats / log N)."""
    dependence_nats: float | None = None
    temperature: float | None = None
    """Of the evaluated completions; 0 = greedy, None = not known."""
    table: AnswerTable | None = None
    """Rewards of fixed answers; None where no answer could be tried."""


@dataclass(frozen=True)
class Reading:
    """The evidence in the terms of the verdict; what the sentence is made of."""

    k: int
    """Answers effectively used."""
    constant: float | None
    """What the best constant answer earns."""
    baseline: float | None
    """What the best k fixed answers earn."""
    needed: int | None
    """Distinct right answers of these prompts; None when not all answers are known."""
    ceiling: float | None
    """The highest possible mean reward; None when not known."""
    use: float | None
    """Share of what the prompts tell about the right answer that shows in the completions, 0 to 1."""
    tolerance: float

    def reaches(self, reward: float, level: float | None) -> bool:
        """Whether `reward` is `level` or more, within the tolerance; False for an unknown level."""
        return level is not None and reward >= level - self.tolerance

    def exceeds(self, reward: float, level: float | None) -> bool:
        """Whether `reward` is clearly above `level`; False for an unknown level."""
        return level is not None and reward > level + self.tolerance


def read_evidence(evidence: Evidence) -> Reading:
    """Return k, the baseline at k, what the prompts ask for and how much of it is used."""
    table, k = evidence.table, evidence.answers.num_effective
    constant = table.value(1) if table and table.answers else None
    ceiling = table.ceiling if table and table.complete else None
    best = table.best_answers() if table and table.complete else []
    span = ceiling - constant if ceiling is not None and constant is not None else abs(constant or 0.0)
    return Reading(
        k=k,
        constant=constant,
        baseline=table.value(k) if table and table.answers and k else None,
        needed=len(set(best)) or None,
        ceiling=ceiling,
        use=_use(evidence, best),
        tolerance=max(PLATEAU_TOLERANCE * span, 1e-6),
    )


def _use(evidence: Evidence, best_answers: list[int]) -> float | None:
    """Mutual information over what there is to know: the entropy of the right answers, or log N where they are unknown.

    log N is never the smaller of the two by much, so `dependence` is a lower bound of the result.
    """
    if evidence.dependence is None or evidence.dependence_nats is None or not best_answers:
        return evidence.dependence
    shares = [count / len(best_answers) for count in Counter(best_answers).values()]
    to_know = -math.fsum(share * math.log(share) for share in shares)
    if to_know < 1e-9:
        return evidence.dependence
    return min(1.0, max(0.0, evidence.dependence, evidence.dependence_nats / to_know))
