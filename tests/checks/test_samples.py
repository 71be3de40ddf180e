import pytest

from formalrl.checks.samples import sampled
from formalrl.rewards.scorers import InProcessScorer
from formalrl.types import Prompt

PROMPTS = [Prompt(f"{n} =", {"answer": str(n)}) for n in range(4)]


def reward(prompt, completion, answer):
    if completion == "fail":
        raise ValueError("no")
    return float(completion == answer)


def test_rewards_of_samples_by_hand():
    texts = ["0", "x", "1", "1", "fail", "2", "0", "0"]  # groups: 1 0, 1 1, failed 1, 0 0
    found = sampled(PROMPTS, InProcessScorer(reward), lambda prompts: texts[: len(prompts)], 2)
    assert found.num_rows == 8 and found.mean == pytest.approx(4 / 7)
    assert (found.low, found.high) == (0.0, 1.0)
    assert found.groups_without_spread == 0.75  # the first group alone has two rewards
    assert found.errors.kinds == {"exception": 1} and "ValueError" in found.errors.detail
    assert found.own == pytest.approx(4 / 7)
    assert found.shuffled is not None and found.shuffled < found.own
    assert 0 < found.latency.median <= found.latency.p95
    assert found.shown[0] == "0"


def test_equal_prompts_have_no_other_to_be_scored_against():
    same = [Prompt("p")] * 3
    found = sampled(same, InProcessScorer(lambda prompt, completion: len(completion)), lambda p: ["a"] * len(p), 2)
    assert found.shuffled is None and found.groups_without_spread == 1.0
