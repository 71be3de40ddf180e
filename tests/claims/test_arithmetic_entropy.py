"""Entropy helps when fewer seeds collapse and more answers are right, both beyond doubt."""

from formalrl.claims._arithmetic import ENTROPY, NONE
from formalrl.claims.load import load_claim

JUDGE = load_claim("arithmetic-entropy").judge


def runs(seeds, verdict, accuracy):
    return seeds(verdict=[verdict] * 5, accuracy=[accuracy + 0.01 * i for i in range(5)])


def test_both_parts_are_needed(seeds):
    collapsed = runs(seeds, "collapsed", 0.1)
    found = JUDGE({NONE: collapsed, ENTROPY: runs(seeds, "learning", 0.3)})
    assert found.verdict == "confirmed" and "5 of 5 (57 to 100 %) without, 0 of 5 (0 to 43 %) with" in found.ours
    assert JUDGE({NONE: collapsed, ENTROPY: runs(seeds, "learning", 0.11)}).verdict == "undecided"
    assert JUDGE({NONE: collapsed, ENTROPY: runs(seeds, "learning", 0.0)}).verdict == "not confirmed"
    assert JUDGE({NONE: collapsed, ENTROPY: runs(seeds, "collapsed", 0.3)}).verdict == "undecided"
