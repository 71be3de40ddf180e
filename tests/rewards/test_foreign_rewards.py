"""Reward functions that were written for other libraries work as they are."""

import importlib.util

import pytest

from formalrl.rewards._pool import RewardPool
from formalrl.rewards.call import RewardKey, score_rows
from formalrl.rewards.signature import RewardRow

CHAT = [{"role": "user", "content": "2 + 2 ="}]


def trl_style(completions, **kwargs):
    """The first example of TRL's documentation, for chats."""
    contents = [completion[0]["content"] for completion in completions]
    return [float(len(set(content))) for content in contents]


def trl_columns(prompts, completions, ground_truth, trainer_state=None, **kwargs):
    return [1.0 if truth in text else 0.0 for text, truth in zip(completions, ground_truth, strict=True)]


async def trl_async(prompts, completions, **kwargs):
    return [float(len(text)) for text in completions]


def verifiers_style(prompt, completion, answer, **kwargs):
    return 1.0 if completion.strip() == answer else 0.0


def verifiers_without_prompt(completion, answer):
    return float(answer in completion)


async def verifiers_async(prompt, completion, answer, **kwargs) -> float:
    return float(answer in completion)


@pytest.mark.parametrize(
    ("function", "rows", "expected"),
    [
        (trl_style, [RewardRow(CHAT, "aab"), RewardRow(CHAT, "")], [2.0, 0.0]),
        (trl_columns, [RewardRow("p", c, {"ground_truth": "4"}) for c in ("so 4", "5")], [1, 0]),
        (trl_async, [RewardRow("p", "abc"), RewardRow("p", "")], [3.0, 0.0]),
        (verifiers_style, [RewardRow("p", c, {"answer": "4", "info": "x"}) for c in (" 4", "5")], [1, 0]),
        (verifiers_without_prompt, [RewardRow("p", "so 4", {"answer": "4", "task": "t"})], [1]),
        (verifiers_async, [RewardRow("p", "so 4", {"answer": "4"}), RewardRow("p", "", {"answer": "4"})], [1, 0]),
    ],
)  # fmt: skip
def test_functions_of_either_style_work_here_and_in_workers(function, rows, expected):
    assert [score.reward for score in score_rows(function, rows)] == expected
    with RewardPool(function, workers=1) as pool:
        assert [score.reward for score in pool.score(rows, RewardKey())] == expected


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("trl") is None, reason="needs trl")
def test_rewards_that_trl_brings_work_unchanged():
    from trl.rewards import think_format_reward

    rows = [RewardRow(CHAT, "<think>\nadd\n</think>\n4"), RewardRow(CHAT, "4")]
    with RewardPool(think_format_reward, workers=1, timeout_s=60, memory_gib=None) as pool:
        assert [score.reward for score in pool.score(rows, RewardKey())] == [1.0, 0.0]
