"""Game synthesis: the claim is that nothing is gained, so the gain must lie below what would be meaningful."""

import pytest

from formalrl.claims.games import MEANINGFUL, PPO
from formalrl.claims.load import load_claim
from formalrl.config import resolve

CLAIM = load_claim("games")


@pytest.mark.parametrize(
    ("gains", "verdict"),
    [([0.0, 0.01, 0.02], "confirmed"), ([0.2, 0.3, 0.25], "not confirmed"), ([0.0, 0.1, 0.05], "undecided")],
)
def test_the_interval_of_the_gain_decides(seeds, gains, verdict):
    found = CLAIM.judge({PPO: seeds(reward=[0.1 + gain for gain in gains])})
    assert found.verdict == verdict
    assert found.ours.startswith("reward 0.100 (0.100 to 0.100) after fine-tuning")


def test_no_gain_is_also_shown_by_a_loss(seeds):
    assert CLAIM.judge({PPO: seeds(reward=[0.0, 0.05, 0.02])}).verdict == "confirmed"
    assert MEANINGFUL == 0.05


def test_the_scale_of_the_paper_has_its_numbers():
    config = resolve(CLAIM.scales["paper"].settings[PPO])
    assert config.prompts_per_step == 12 and config.task.scoring == "paper" and config.task.min_length_ratio == 0.2
    assert config.sft and config.model_name_or_path == "EleutherAI/pythia-410m"
