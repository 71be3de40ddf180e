import functools

import pytest

from formalrl.rewards.signature import Columns, RewardRow, Signature, declares

ROW = RewardRow("2 + 2 =", " 4", {"answer": "4", "level": 1})
CHAT = RewardRow([{"role": "user", "content": "2 + 2"}], "4", {})


def call(function, row=ROW):
    return Signature.of(function).call_one(function, row)


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda prompt, completion, **columns: (prompt, completion, columns), ("2 + 2 =", " 4", ROW.columns)),
        (lambda prompt, completion: (prompt, completion), ("2 + 2 =", " 4")),
        (lambda completion, answer: (completion, answer), (" 4", "4")),
        (lambda p, c, level: (p, c, level), ("2 + 2 =", " 4", 1)),
        (lambda p, c, **columns: (p, c, columns), ("2 + 2 =", " 4", ROW.columns)),
        (lambda *, prompt, completion, answer: (prompt, completion, answer), ("2 + 2 =", " 4", "4")),
        (lambda completion, missing=7: (completion, missing), (" 4", 7)),
    ],
)
def test_a_function_gets_only_what_it_declares(function, expected):
    assert call(function) == expected
    assert not Signature.of(function).batch


@pytest.mark.parametrize(
    "function",
    [
        lambda completions, **columns: completions,
        lambda prompts, completions: completions,
        lambda prompts, completions, answer: completions,
    ],
)
def test_the_batch_form_is_known_by_its_parameters(function):
    assert Signature.of(function).batch
    assert call(function) == [" 4"]


def test_batch_columns_are_lists_and_a_missing_value_is_none():
    def reward(prompts, completions, **columns):
        return prompts, completions, columns

    rows = [ROW, RewardRow("1 =", "1", {"answer": "1"})]
    expected = (["2 + 2 =", "1 ="], [" 4", "1"], {"answer": ["4", "1"], "level": [1, None]})
    assert Signature.of(reward).call_many(reward, rows) == expected


def test_batch_completions_of_a_chat_are_messages():
    assert call(lambda completions, **columns: completions, CHAT) == [[{"role": "assistant", "content": "4"}]]
    assert call(lambda prompt, completion: completion, CHAT) == "4"


def test_methods_and_callable_objects_count_their_own_parameters():
    class Reward:
        def __call__(self, prompt, completion):
            return completion

        def scored(self, prompts, completions):
            return completions

        async def later(self, completion):
            return completion

    assert call(Reward()) == " 4"
    assert call(Reward().scored) == [" 4"]
    assert Signature.of(Reward().later).is_async and not Signature.of(Reward()).is_async


def test_columns_calls_with_declared_columns_only():
    assert Columns(lambda prompt, completion, answer: completion.strip() == answer)("q", " 4", answer="4", level=1)


def test_a_reward_declares_on_itself_its_call_its_object_or_what_it_wraps():
    class Task:
        deterministic = True

        def reward(self, prompt, completion): ...

    class Part:
        def __call__(self, prompt, completion): ...

        __call__.deterministic = True

    def plain(prompt, completion): ...

    assert not declares(plain, "deterministic") and not declares(print, "deterministic")
    plain.deterministic = True
    assert declares(plain, "deterministic") and not declares(plain, "in_trainer")
    for function in (Task().reward, Part(), functools.partial(plain)):
        assert declares(function, "deterministic")
