import json
from pathlib import Path

import pytest

from formalrl.errors import ConfigError, PartNotFoundError
from formalrl.rewards.call import reward_of, score_rows
from formalrl.rewards.signature import RewardRow
from formalrl.tasks.load import load_reward, load_task
from formalrl.tasks.user import UserTask
from formalrl.types import Task

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "my_task.py"

FILE = """
def prompts():
    return [{"prompt": f"{n} =", "answer": str(n)} for n in range(100)]

def reward(prompt, completion, answer):
    return float(completion == answer)

def always(prompt, completion):
    return 1.0
"""

CLASS = """
from dataclasses import dataclass
from formalrl.types import Prompt

@dataclass(frozen=True)
class Echo:
    word: str = "a"
    def train_prompts(self): return [Prompt(self.word)]
    def eval_prompts(self): return [Prompt("b")]
    def reward(self, prompt, completion, **columns): return float(completion == prompt)

ready = Echo("z")
"""

BATCH = """
def length_reward(prompts, completions, **kwargs):
    return [float(len(c)) for c in completions]
"""


@pytest.fixture
def write(tmp_path: Path):
    def write(text: str, name: str = "mine.py") -> str:
        (tmp_path / name).write_text(text)
        return str(tmp_path / name)

    return write


@pytest.fixture
def data(tmp_path: Path) -> str:
    path = tmp_path / "data.jsonl"
    path.write_text("\n".join(json.dumps({"prompt": f"q{n}", "ground_truth": n}) for n in range(60)))
    return str(path)


def test_the_example_is_short_and_works():
    assert len(EXAMPLE.read_text().splitlines()) <= 20
    task = load_task(str(EXAMPLE))
    prompt = task.train_prompts()[0]
    assert isinstance(task, UserTask) and task.name == "my_task" and task.is_correct
    assert (
        score_rows(reward_of(task), [RewardRow(prompt.text, prompt.columns["answer"], prompt.columns)])[0].reward == 1.0
    )
    assert score_rows(reward_of(task), [RewardRow(prompt.text, "", prompt.columns)])[0].reward == 0.0
    assert task.is_correct(prompt.text, f" {prompt.columns['answer']}\n", **prompt.columns)


def test_a_file_is_a_task_and_a_name_is_its_reward(write):
    file = write(FILE)
    assert load_task(file).reward("3 =", "4", answer="3") == 0.0
    assert load_task(f"{file}:always").reward("3 =", "4", answer="3") == 1.0
    assert load_task(file) == load_task(file)


def test_a_name_may_be_a_task_class_with_options_or_an_object(write):
    file = write(CLASS)
    assert load_task(file, options={"word": "q"}).train_prompts()[0].text == "q"
    assert load_task(f"{file}:Echo").train_prompts()[0].text == "a"
    assert load_task(f"{file}:ready").train_prompts()[0].text == "z"


def test_data_and_a_reward_file(write, data):
    reward = write(BATCH)
    for task in (load_task(data, reward=reward), load_task(f"{reward}:length_reward", data=data)):
        assert isinstance(task, UserTask) and isinstance(task, Task)
        assert task.training[0].columns.keys() == {"ground_truth"}
        assert task.reward("q", "abc") == 3.0
    assert load_task(data, reward=reward).name == "data"


def test_prompts_of_one_file_and_the_reward_of_another(write):
    task = load_task(write(FILE), reward=write(BATCH, "other.py"))
    assert task.reward("3 =", "abc", answer="3") == 3.0


def test_functions_and_objects_are_tasks(write):
    task = load_task(([str(n) for n in range(50)], lambda prompt, completion: 1.0))
    assert load_task(task) is task


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("def rewrad(prompt): pass", r"has no reward: define reward.*Did you mean 'rewrad'"),
        ("def a(completion): pass\ndef b(completions): pass", r"several rewards \(a, b\): say which, as in"),
    ],
)
def test_a_file_without_one_reward_says_so(write, text, expected):
    with pytest.raises(ConfigError, match=expected):
        load_reward(write(text))


def test_bad_combinations_are_one_line_errors(write, data):
    file = write(FILE)
    cases = [
        (dict(spec=data), "is data, and no reward is given for it: add --reward-file"),
        (dict(spec=file, options={"x": 1}), "takes no options, and 'x' is given"),
        (dict(spec=write(CLASS, "c.py"), options={"wrod": "q"}), "has no option 'wrod' .*Did you mean 'word'"),
        (dict(spec=write(CLASS + CLASS.replace("Echo", "Two"), "d.py")), r"several tasks \(Echo, Two\)"),
        (dict(spec=write("def reward(completion): return 1", "e.py")), r"has no prompts\(\): define it"),
        (dict(spec=3), "int is no task"),
    ]
    for arguments, expected in cases:
        with pytest.raises(ConfigError, match=expected) as caught:
            load_task(**arguments)
        assert "\n" not in str(caught.value)


def test_an_unknown_task_is_not_found():
    with pytest.raises(PartNotFoundError, match="there is no task 'nonesuch'"):
        load_task("nonesuch")
