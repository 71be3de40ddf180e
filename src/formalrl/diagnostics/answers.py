"""What the policy says, counted: distinct answers, the most common ones, and how many it effectively uses."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

COVERED_SHARE = 0.95
"""The most common answers that together make up this share of all are the ones that a policy "effectively uses"..."""
COUNTED_SHARE = 0.01
"""...and so is every further answer with at least this share of its own."""


@dataclass(frozen=True)
class AnswerStatistics:
    """Counts over the answers of one evaluation."""

    n: int
    """How many answers were counted."""
    num_distinct: int
    num_effective: int
    """The smallest number of answers that cover 95 % of all, or the number of those with a share of 1 %, if more."""
    entropy: float
    """Entropy of the answers over all prompts together, in nats (plug-in estimate)."""
    top_answers: tuple[tuple[str, float], ...]
    """(answer, share), most common first; ties in the order of first appearance."""

    @property
    def most_common_answer(self) -> str | None:
        """The most common answer, None when there are none."""
        return self.top_answers[0][0] if self.top_answers else None

    @property
    def most_common_share(self) -> float:
        """The share of the most common answer, in [0, 1]."""
        return self.top_answers[0][1] if self.top_answers else 0.0


def answer_statistics(answers: Sequence[str], num_top: int = 20) -> AnswerStatistics:
    """Return the counts over `answers`, with the `num_top` most common ones."""
    counts = Counter(answers).most_common()
    total = len(answers)
    return AnswerStatistics(
        n=total,
        num_distinct=len(counts),
        num_effective=max(
            _covering([count for _, count in counts], COVERED_SHARE * total),
            sum(count >= COUNTED_SHARE * total for _, count in counts),
        ),
        entropy=-math.fsum(count / total * math.log(count / total) for _, count in counts) + 0.0,
        top_answers=tuple((answer, count / total) for answer, count in counts[:num_top]),
    )


def _covering(sorted_counts: Sequence[int], needed: float) -> int:
    covered = 0
    for number, count in enumerate(sorted_counts, start=1):
        covered += count
        if covered >= needed - 1e-9:
            return number
    return len(sorted_counts)
