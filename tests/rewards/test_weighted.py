import pytest

from formalrl.errors import ConfigError
from formalrl.rewards.call import score_rows
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
