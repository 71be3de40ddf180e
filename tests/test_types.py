from dataclasses import dataclass

from formalrl.types import ERROR_KINDS, Completion, Prompt, Rollout, Score, Task


def test_nouns_have_plain_defaults():
    prompt = Prompt("5 + 3 =")
    rollout = Rollout(prompt, Completion(" 8", (8, 1), True), Score(1.0))
    assert dict(prompt.columns) == {} and rollout.score.error is None and dict(rollout.score.parts) == {}


def test_error_kinds_are_distinct():
    assert len(set(ERROR_KINDS)) == len(ERROR_KINDS)


def test_a_class_with_the_three_methods_is_a_task():
    @dataclass(frozen=True)
    class Echo:
        def train_prompts(self):
            return [Prompt("a")]

        def eval_prompts(self):
            return [Prompt("b")]

        def reward(self, prompt, completion, **columns):
            return 1.0

    assert isinstance(Echo(), Task)
    assert not isinstance(object(), Task)
