"""The collapse is confirmed when more than half of the seeds collapse, beyond doubt."""

import pytest

from formalrl.claims._arithmetic import NONE
from formalrl.claims.load import load_claim

OTHER = {"reward": 0.8, "constant_baseline": 0.75, "num_distinct": 3, "accuracy": 0.1}


@pytest.mark.parametrize(
    ("collapsed", "verdict"), [(5, "confirmed"), (4, "undecided"), (2, "undecided"), (0, "not confirmed")]
)
def test_the_interval_of_the_share_decides(seeds, collapsed, verdict):
    verdicts = ["collapsed"] * collapsed + ["learning"] * (5 - collapsed)
    found = load_claim("arithmetic-collapse").judge({NONE: seeds(verdict=verdicts, **OTHER)})
    assert found.verdict == verdict
    assert f"{collapsed} of 5" in found.ours and "3.000 (3.000 to 3.000) answers" in found.ours
