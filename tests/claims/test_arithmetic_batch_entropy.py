"""More stable is: smaller falls of the training reward, and no more collapse."""

from formalrl.claims._arithmetic import BATCH_ENTROPY, ENTROPY
from formalrl.claims.arithmetic_batch_entropy import WIDTH
from formalrl.claims.load import load_claim

JUDGE = load_claim("arithmetic-batch-entropy").judge


def runs(seeds, fall, verdict="learning"):
    curves = [[0.5] * WIDTH + [1.0] * WIDTH + [1.0 - fall - 0.01 * i] * WIDTH for i in range(5)]
    return seeds(rewards=curves, verdict=[verdict] * 5, accuracy=0.2)


def test_smaller_falls_confirm_it_unless_more_seeds_collapse(seeds):
    found = JUDGE({ENTROPY: runs(seeds, 0.3), BATCH_ENTROPY: runs(seeds, 0.1)})
    assert found.verdict == "confirmed"
    assert found.ours.startswith("largest fall of the reward 0.120 (0.1")
    assert JUDGE({ENTROPY: runs(seeds, 0.3), BATCH_ENTROPY: runs(seeds, 0.29)}).verdict == "undecided"
    assert JUDGE({ENTROPY: runs(seeds, 0.1), BATCH_ENTROPY: runs(seeds, 0.3)}).verdict == "not confirmed"
    assert JUDGE({ENTROPY: runs(seeds, 0.3), BATCH_ENTROPY: runs(seeds, 0.1, "collapsed")}).verdict == "not confirmed"
