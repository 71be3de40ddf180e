import json
import pickle
import random

import pytest

from formalrl.errors import ConfigError
from formalrl.rewards.call import score_rows
from formalrl.rewards.signature import RewardRow
from formalrl.tasks.rows import is_held_out
from formalrl.tasks.user import UserTask
from formalrl.types import Task


def prompts():
    for n in range(100):
        yield {"prompt": f"{n} =", "answer": str(n)}


def reward(prompt, completion, answer):
    return float(completion == answer)


def test_functions_become_a_task():
    task = UserTask.from_functions(prompts, reward)
    assert isinstance(task, Task)
    assert len(task.train_prompts()) + len(task.eval_prompts()) == 100
    assert all(is_held_out(p.text) for p in task.eval_prompts())
    assert task.reward("3 =", "3", answer="3") == 1.0
    assert task.is_correct is None and task.examples is None
    assert pickle.loads(pickle.dumps(task)) == task


@pytest.mark.parametrize("rows", [list(prompts()), prompts(), lambda: [row["prompt"] for row in prompts()]])
def test_rows_come_in_lists_generators_and_functions(rows):
    assert len(UserTask.from_functions(rows, reward).training) > 50


def test_random_prompts_are_the_same_every_time_and_leave_random_alone():
    def drawn():
        return [str(random.random()) for _ in range(50)]

    random.seed(5)
    expected = random.random()
    random.seed(5)
    first = UserTask.from_functions(drawn, reward)
    assert random.random() == expected
    assert UserTask.from_functions(drawn, reward) == first


def test_a_batch_reward_scores_one_completion_too():
    task = UserTask.from_functions(prompts, lambda prompts, completions, **columns: [len(c) for c in completions])
    assert task.reward("3 =", "abc", answer="3") == 3
    assert score_rows(task.reward_function, [RewardRow("a", "ab"), RewardRow("b", "c")])[0].reward == 2.0


def test_rows_of_eval_prompts_never_train():
    task = UserTask.from_functions(prompts, reward, eval_prompts=lambda: ["3 =", "5 ="])
    assert [p.text for p in task.eval_prompts()] == ["3 =", "5 ="]
    assert len(task.train_prompts()) == 98
    with pytest.raises(ConfigError, match="nothing is left to train on"):
        UserTask.from_functions(["a"], reward, eval_prompts=["a"])


def test_optional_functions_get_what_they_declare():
    task = UserTask.from_functions(
        prompts,
        reward,
        is_correct=lambda prompt, completion, answer: completion == answer,
        answers=["0", "1"],
        defaults={"max_completion_length": 4},
        answer_of=str.strip,
    )
    assert task.is_correct and task.is_correct("3 =", "3", answer="3", other=1) is True
    assert task.answers and list(task.answers()) == ["0", "1"]
    assert task.defaults and task.defaults() == {"max_completion_length": 4}
    assert task.answer_of and task.answer_of(" 4 ") == "4"


@pytest.mark.parametrize(
    "examples",
    [
        lambda n, seed: [(f"{k} =", str(k)) for k in range(n)],
        lambda: ({"prompt": f"{k} =", "completion": str(k)} for k in range(100)),
        [(f"{k} =", str(k)) for k in range(100)],
    ],
)
def test_examples_are_never_held_out_and_as_many_as_asked_for(examples):
    task = UserTask.from_functions(prompts, reward, examples=examples)
    assert task.examples is not None
    pairs = task.examples(40, 0)
    assert len(pairs) == 40
    assert not any(is_held_out(prompt) for prompt, _ in pairs)


def test_examples_leave_out_given_eval_prompts():
    pairs = [(f"{k} =", str(k)) for k in range(10)]
    task = UserTask.from_functions(prompts, reward, eval_prompts=["3 ="], examples=pairs)
    assert task.examples and "3 =" not in dict(task.examples(10, 0)) and len(task.examples(10, 0)) == 9


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (dict(prompts=3, reward=reward), "gave a int: it must give rows"),
        (dict(prompts="abc", reward=reward), "gave a str: it must give rows"),
        (dict(prompts=lambda: None, reward=reward), "gave a NoneType: it must give rows"),
        (dict(prompts=prompts, reward=1.0), "the reward of user is 1.0: it must be a function"),
        (dict(prompts=prompts, reward=reward, is_corect=reward), "no 'is_corect'.*Did you mean 'is_correct'"),
        (dict(prompts=["a"], reward=reward), "leaves no"),
    ],
)
def test_what_cannot_work_is_said_at_once(arguments, expected):
    with pytest.raises(ConfigError, match=expected):
        UserTask.from_functions(**arguments)


def test_columns_survive_json():
    task = UserTask.from_functions(prompts, reward)
    assert json.loads(json.dumps(dict(task.training[0].columns))) == dict(task.training[0].columns)
