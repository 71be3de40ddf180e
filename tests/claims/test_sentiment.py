"""Sentiment improves when the reward after training lies above that before, for both architectures."""

import pytest

from formalrl.claims._sentiment import HORIZON
from formalrl.claims.load import load_claim
from formalrl.claims.sentiment import GPT2, PYTHIA
from formalrl.config import resolve

CLAIM = load_claim("sentiment")


def test_both_must_improve(seeds):
    better, same = seeds(reward=[0.4, 0.5, 0.6]), seeds(reward=[0.1, 0.05, 0.2])
    found = CLAIM.judge({GPT2: better, PYTHIA: better})
    assert found.verdict == "confirmed" and found.ours.startswith("reward: GPT-2 from 0.100 (0.100 to 0.100) to 0.500")
    assert CLAIM.judge({GPT2: better, PYTHIA: same}).verdict == "undecided"
    assert CLAIM.judge({GPT2: better, PYTHIA: seeds(reward=[0.0, 0.05, 0.01])}).verdict == "not confirmed"


def test_the_settings_differ_in_the_architecture_and_are_the_papers_at_its_scale():
    gpt2, pythia = (resolve(s).model.shape().architecture for s in CLAIM.scales["laptop"].settings.values())
    assert (gpt2, pythia) == ("gpt2", "gpt_neox")
    assert CLAIM.scales["paper"].models == ("lvwerra/gpt2-imdb", "EleutherAI/pythia-410m")


def test_the_horizon_gives_the_controller_as_many_horizons_as_the_paper_does():
    laptop, paper = (resolve(CLAIM.scales[scale].settings[GPT2]) for scale in ("laptop", "paper"))
    in_paper = paper.prompts_per_step * paper.max_steps / paper.regularizers["kl"].horizon
    assert laptop.prompts_per_step * laptop.max_steps / HORIZON == pytest.approx(in_paper)
    assert laptop.regularizers["kl"].horizon == HORIZON
