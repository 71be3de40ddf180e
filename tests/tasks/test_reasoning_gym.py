import importlib.util
import pickle

import pytest

from formalrl.errors import ConfigError
from formalrl.tasks import reasoning_gym as module
from formalrl.tasks.load import load_task
from formalrl.tasks.reasoning_gym import ReasoningGym
from formalrl.types import Task

installed = pytest.mark.skipif(importlib.util.find_spec("reasoning_gym") is None, reason="needs reasoning-gym")


def test_without_the_package_the_error_says_what_to_install(monkeypatch):
    def missing(name):
        raise ImportError("No module named 'reasoning_gym'")

    monkeypatch.setattr(module.importlib, "import_module", missing)
    with pytest.raises(ConfigError, match=r"formalrl\[reasoning-gym\]"):
        ReasoningGym("chain_sum")


@installed
@pytest.mark.parametrize("name", ["chain_sum", "spell_backward", "basic_arithmetic"])
def test_reference_answers_score_one_and_empty_ones_do_not(name):
    task = ReasoningGym(name, size=100)
    assert isinstance(task, Task)
    pickle.dumps(task.reward)
    for prompt in (task.train_prompts()[0], task.eval_prompts()[0]):
        answer = f"thinking ... <answer>{prompt.columns['answer']}</answer>"
        assert task.reward(prompt.text, answer, **prompt.columns) == 1.0
        assert task.is_correct(prompt.text, answer, **prompt.columns)
        assert task.reward(prompt.text, "", **prompt.columns) < 0.5


@installed
def test_splits_do_not_overlap_and_examples_are_solved():
    task = ReasoningGym("chain_sum", size=100)
    held_out = {prompt.text for prompt in task.eval_prompts()}
    assert not held_out & {prompt.text for prompt in task.train_prompts()}
    assert all(prompt not in held_out and "<answer>" in completion for prompt, completion in task.examples(10, 1))


@installed
def test_a_dataset_is_a_task_by_its_name():
    assert load_task("reasoning_gym:spell_backward", options={"size": 50}) == ReasoningGym("spell_backward", size=50)
    with pytest.raises(ConfigError, match="no dataset 'spell_back'"):
        load_task("reasoning_gym:spell_back")


@installed
def test_levels_and_settings_reach_the_dataset():
    easy = ReasoningGym("chain_sum", config={"min_terms": 2, "max_terms": 2}, size=40)
    assert all(prompt.text.count("+") + prompt.text.count(" - ") <= 2 for prompt in easy.train_prompts())
    assert len(ReasoningGym("chain_sum").levels()) > 1
    assert ReasoningGym("chain_sum", size=40).at_level(1).train_prompts()
    with pytest.raises(ConfigError, match="level is 99"):
        ReasoningGym("chain_sum", level=99)
    with pytest.raises(ConfigError, match="Did you mean 'chain_sum'"):
        ReasoningGym("chain_sums")
