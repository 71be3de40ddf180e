"""From the numbers of one evaluation to a verdict and one sentence for people.

The question is not "is the reward high?" but "does the policy use what its prompts tell it?". The yardstick is the
k-answer baseline at the k that the policy itself uses: a policy that gives two answers and earns what the best two
fixed answers earn has nothing left to gain from them, and if these prompts have more than two right answers, it has
collapsed.
"""

import math
from dataclasses import dataclass

from formalrl.diagnostics.answers import COVERED_SHARE
from formalrl.diagnostics.evidence import Evidence, Reading, read_evidence
from formalrl.diagnostics.wording import describe

VERDICTS = ("healthy", "learning", "collapsed", "unknown")
SOLVED_ACCURACY = 0.9
FEW_FRACTION = 1 / 6
"""A policy uses few answers when it effectively uses at most this fraction of the answers that the prompts ask for."""
FEW_ANSWERS = 8
"""The same where the number of right answers is unknown."""
USES_PROMPTS = 0.5
IGNORES_PROMPTS = 0.1
SETTLED = 0.25
"""A policy is settled when its entropy is below this fraction of what it was at step 0."""


@dataclass(frozen=True)
class Verdict:
    """The outcome."""

    verdict: str
    """One of VERDICTS. "healthy": solved, or clearly better than a few fixed answers by use of the prompts; "learning":
    not there (yet) and not stuck; "collapsed": few answers, no better than fixed ones; "unknown": nobody can tell."""
    sentence: str


def judge(evidence: Evidence) -> Verdict:
    """Return the verdict on one evaluation, with its sentence."""
    reading = read_evidence(evidence)
    verdict = _verdict(evidence, reading)
    return Verdict(verdict, describe(evidence, reading))


def _verdict(evidence: Evidence, reading: Reading) -> str:
    if evidence.reward is None or evidence.answers.n == 0 or evidence.error_rate > 0.5 or evidence.num_prompts < 2:
        return "unknown"
    if _solved(evidence, reading):
        return "healthy"
    if _collapsed(evidence, reading):
        return "collapsed"
    return "healthy" if _above_fixed_answers(evidence, reading) else "learning"


def _solved(evidence: Evidence, reading: Reading) -> bool:
    """Right nearly everywhere, and not merely because one answer is right nearly everywhere."""
    assert evidence.reward is not None
    several = reading.exceeds(evidence.reward, reading.constant) if reading.constant is not None else reading.k > 1
    if evidence.accuracy is None:
        at_ceiling = reading.ceiling is not None and reading.reaches(evidence.reward, reading.ceiling)
        return at_ceiling and (several or reading.needed == 1)
    return evidence.accuracy >= 1.0 or (evidence.accuracy >= SOLVED_ACCURACY and several)


def _collapsed(evidence: Evidence, reading: Reading) -> bool:
    """Few answers, no better than fixed ones, and no longer open to others."""
    assert evidence.reward is not None
    k = reading.k
    beats_constant = reading.exceeds(evidence.reward, reading.constant)
    if reading.exceeds(evidence.reward, reading.baseline) or not _settled(evidence, k):
        return False
    if k == 1 or (evidence.answers.most_common_share >= COVERED_SHARE and not beats_constant):
        return True
    if reading.needed is not None:
        return k <= FEW_FRACTION * reading.needed
    if k > FEW_ANSWERS or evidence.num_prompts < 4 * k:
        return False
    if evidence.accuracy is not None and reading.reaches(evidence.reward, reading.baseline):
        return True
    return _ignores_prompts(evidence) and not _undecided(evidence, k)


def _ignores_prompts(evidence: Evidence) -> bool:
    """Whether hardly any of the variety of the answers comes from the prompts."""
    nats = evidence.dependence_nats
    return nats is not None and nats < IGNORES_PROMPTS * evidence.answers.entropy


def _settled(evidence: Evidence, k: int) -> bool:
    """Whether the answers show all that the policy may say.

    Sampled answers do. Greedy ones do not while the policy is uncertain: a fresh one may have one favorite everywhere.
    """
    if evidence.entropy is None or (evidence.temperature is not None and evidence.temperature > 0):
        return True
    free = evidence.first_entropy if evidence.first_entropy is not None else math.log(k + 1)
    return evidence.entropy < SETTLED * free


def _undecided(evidence: Evidence, k: int) -> bool:
    """Whether the policy still chooses freely among its k answers, as a fresh one does where there are only two.

    False when it had a wider choice at step 0.
    """
    if evidence.entropy is None:
        return False
    narrowed = evidence.first_entropy is not None and evidence.entropy < 0.5 * evidence.first_entropy
    return not narrowed and evidence.entropy > 0.5 * math.log(k)


def _above_fixed_answers(evidence: Evidence, reading: Reading) -> bool:
    """Better than up to eight fixed answers can be, through the prompts."""
    assert evidence.reward is not None
    if evidence.table is None or not evidence.table.answers or reading.use is None:
        return False
    few = max(1, min(reading.k, FEW_ANSWERS, int(FEW_FRACTION * (reading.needed or 6 * FEW_ANSWERS))))
    return reading.use >= USES_PROMPTS and reading.exceeds(evidence.reward, evidence.table.value(few))
