import math
import os
import random

import pytest

from formalrl.errors import ConfigError, RewardError
from formalrl.rewards.arithmetic import ArithmeticReward
from formalrl.rewards.call import score_rows
from formalrl.rewards.programs import ProgramsReward
from formalrl.rewards.sentiment import SentimentReward
from formalrl.rewards.signature import RewardRow
from formalrl.rewards.weighted import WeightedRewards


def length(prompt, completion):
    return {"reward": float(len(completion)), "vowels": 0.0}


def worth(completions):
    return [float(c) for c in completions]


def test_the_sum_is_weighted_and_a_failed_member_fails_the_row():
    scores = score_rows(
        WeightedRewards((length, worth, worth), (1.0, 0.5, 2.0)), [RewardRow("p", c) for c in ("10", "x")]
    )
    assert scores[0].reward == 2.0 + 5.0 + 20.0
    assert scores[0].parts == {"length": 2.0, "length/vowels": 0.0, "worth": 10.0, "worth_2": 10.0}
    assert scores[1].error == "exception" and scores[1].detail.startswith("worth: ")


def test_weights_are_1_unless_given_and_must_match():
    assert score_rows(WeightedRewards((length, worth)), [RewardRow("p", "3")])[0].reward == 4.0
    with pytest.raises(ConfigError, match="2 functions and 1 weights"):
        WeightedRewards((length, worth), (1.0,))
    with pytest.raises(ConfigError, match="no functions"):
        WeightedRewards(())


NUM_FUZZED = int(os.environ.get("FORMALRL_FUZZED_WEIGHTED", "3000"))


def test_arbitrary_completions_have_a_finite_sum_of_all_rewards_of_our_own():
    draw = random.Random(0)
    reward = WeightedRewards((ArithmeticReward("+-*"), SentimentReward(), ProgramsReward()), (1.0, 0.5, 2.0))
    pieces = (
        "def f(x):",
        "return x",
        "\n    ",
        " ",
        "great",
        "not",
        "!",
        "5",
        "+",
        "=",
        "18",
        "(",
        "\0",
        "\ud800",
        "\u202e",
    )
    for start in range(0, NUM_FUZZED, 1000):
        texts = ["".join(draw.choices(pieces, k=draw.randrange(10))) for _ in range(min(1000, NUM_FUZZED - start))]
        texts[::4] = ["".join(chr(draw.randrange(0x110000)) for _ in range(draw.randrange(20))) for _ in texts[::4]]
        for score in score_rows(reward, [RewardRow("5 + 3 =", text) for text in texts]):
            assert score.error is None and math.isfinite(score.reward) and len(score.parts) >= 6


def test_one_completion_can_be_scored_by_a_call():
    def exact(prompt, completion, answer):
        return float(completion == answer)

    def brief(prompts, completions):
        return [1 / len(text) for text in completions]

    reward = WeightedRewards((exact, brief), (1.0, 0.5))
    assert reward("p", "ab", answer="ab", other=1) == {"reward": 1.25, "exact": 1.0, "brief": 0.5}
    with pytest.raises(RewardError, match="ZeroDivisionError"):
        reward("p", "", answer="ab")
