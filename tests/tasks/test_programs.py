import ast
import pickle

import pytest

from formalrl import plugins
from formalrl.errors import ConfigError
from formalrl.rewards.sandbox import best_backend
from formalrl.tasks.programs import Programs
from formalrl.types import Task

needs_sandbox = pytest.mark.skipif(best_backend() is None, reason="this machine isolates nothing")


def test_it_is_the_task_of_its_name():
    assert plugins.find("task", "programs") is Programs
    assert isinstance(Programs(), Task)
    pickle.dumps(Programs().reward)


@needs_sandbox
@pytest.mark.parametrize("level", Programs().levels())
def test_the_reference_solution_scores_one_and_an_empty_completion_does_not(level):
    task = Programs(level=level)
    for prompt in (task.train_prompts()[3], task.eval_prompts()[4]):
        columns = dict(prompt.columns)
        assert task.reward(prompt.text, columns["answer"], **columns)["reward"] == pytest.approx(1.0)
        assert task.is_correct(prompt.text, columns["answer"], **columns)
        assert task.reward(prompt.text, "", **columns)["reward"] < 0.3
        assert not task.is_correct(prompt.text, "\n    return x\n", **columns)


@pytest.mark.parametrize("level", Programs().levels())
def test_the_tokenizer_holds_every_text_and_solutions_fit(level):
    task = Programs(level=level)
    tokenizer = task.tokenizer()
    for prompt in task.train_prompts()[:200]:
        for text in (prompt.text, prompt.columns["answer"]):
            assert tokenizer.decode(tokenizer.encode(text).ids) == text
        needed = len(tokenizer.encode(prompt.columns["answer"]).ids) + 1
        assert needed <= task.defaults()["max_completion_length"]


def test_examples_are_solved_and_never_held_out():
    task = Programs(level=2)
    held_out = {prompt.text for prompt in task.eval_prompts()}
    examples = task.examples(64, 1)
    assert len(examples) == 64 and examples == task.examples(64, 1) != task.examples(64, 2)
    for prompt, completion in examples:
        ast.parse(prompt + completion)
        assert prompt not in held_out


def test_layout_makes_no_new_answer():
    task = Programs()
    assert task.answer_of("\n    return  x+1") == task.answer_of("\n    return x + 1\n")
    assert task.answer_of(" (") == "("


def test_levels_can_be_chosen_and_wrong_ones_are_named():
    assert Programs().at_level(4) == Programs(level=4)
    with pytest.raises(ConfigError, match="levels 1 to 5"):
        Programs(level=6)
