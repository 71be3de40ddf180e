import os
import pickle
import sys
from pathlib import Path

import pytest

from formalrl import plugins
from formalrl.errors import ConfigError, PartNotFoundError

TASK = """
from dataclasses import dataclass

@dataclass(frozen=True)
class Echo:
    word: str = "a"
    def train_prompts(self): return []
    def eval_prompts(self): return []
    def reward(self, prompt, completion, **columns): return 1.0
"""


def write(folder: Path, text: str, name: str = "mine.py") -> str:
    path = folder / name
    path.write_text(text)
    return str(path)


def test_support_modules_are_not_parts():
    names = plugins.names("task")
    assert not {"user", "rows", "load"} & set(names) and names == sorted(names)


@pytest.mark.parametrize("kind", ["algorithm", "regularizer", "task", "sampler"])
def test_every_part_is_found_by_its_name(kind: str):
    for name in plugins.names(kind):
        assert isinstance(plugins.find(kind, name), type)


def test_unknown_part_names_the_nearest_and_the_known_ones():
    with pytest.raises(PartNotFoundError, match=r"no algorithm 'gpro': .*grpo.* Did you mean 'grpo'\?"):
        plugins.find("algorithm", "gpro")


def test_unknown_kind_is_an_error():
    with pytest.raises(ConfigError, match="Did you mean 'task'"):
        plugins.names("tsk")


def test_part_in_a_file_with_and_without_its_name(tmp_path: Path):
    file = write(tmp_path, TASK)
    found = plugins.find("task", file)
    assert found.__name__ == "Echo" and plugins.find("task", f"{file}:Echo") is found


def test_two_parts_in_a_file_must_be_told_apart(tmp_path: Path):
    file = write(tmp_path, TASK + TASK.replace("Echo", "Other"))
    with pytest.raises(ConfigError, match=r"more than one task \(Echo, Other\): say which"):
        plugins.find("task", file)
    assert plugins.find("task", f"{file}:Other").__name__ == "Other"


def test_file_without_a_part_says_what_one_is(tmp_path: Path):
    with pytest.raises(ConfigError, match=r"holds no task: .* with eval_prompts, reward, train_prompts"):
        plugins.find("task", write(tmp_path, "x = 1"))


def test_missing_attribute_names_the_nearest(tmp_path: Path):
    file = write(tmp_path, "def length_reward(completion): return 1.0")
    with pytest.raises(PartNotFoundError, match=r"defines no 'lenght_reward'\. Did you mean 'length_reward'\?"):
        plugins.load(f"{file}:lenght_reward")


def test_dotted_name_finds_modules_of_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write(tmp_path, "def score(completion): return 2.0", "dotted_rewards.py")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    assert plugins.find("reward", "dotted_rewards:score")("x") == 2.0


def test_loading_twice_gives_the_same_module(tmp_path: Path):
    file = write(tmp_path, "def reward(completion): return 1.0")
    first = plugins.load_file(file)
    assert plugins.load_file(os.path.relpath(file)) is first
    assert pickle.loads(pickle.dumps(first.reward)) is first.reward


def test_a_changed_file_is_loaded_anew(tmp_path: Path):
    assert plugins.load_file(write(tmp_path, "x = 1")).x == 1
    assert plugins.load_file(write(tmp_path, "x = 2")).x == 2


def test_files_of_one_name_in_two_folders_are_two_modules(tmp_path: Path):
    (tmp_path / "b").mkdir()
    a, b = write(tmp_path, "x = 1"), write(tmp_path / "b", "x = 2")
    assert (plugins.load_file(a).x, plugins.load_file(b).x) == (1, 2)


def test_a_file_may_import_its_neighbor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    write(tmp_path, "y = 5", "neighbor_of_mine.py")
    assert plugins.load_file(write(tmp_path, "from neighbor_of_mine import y")).y == 5


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = 1\ndef f(:\n", r"mine\.py:2 cannot be imported, SyntaxError: "),
        ("\nimport no_such_package_xyz\n", r"mine\.py:2 .*ModuleNotFoundError.*no_such_package_xyz.*: install it"),
        ("x = 1\n\n1 / 0\n", r"mine\.py:3 .*ZeroDivisionError"),
        ("import sys\nsys.exit(3)\n", r"mine\.py:2 .*SystemExit"),
        ("raise ValueError('a\\nb')\n", r"mine\.py:1 .*ValueError: a b"),
    ],
)
def test_a_broken_file_is_one_line_with_file_and_line(tmp_path: Path, text: str, expected: str):
    with pytest.raises(ConfigError, match=expected) as caught:
        plugins.load_file(write(tmp_path, text))
    assert "\n" not in str(caught.value)


def test_a_missing_file_says_where_it_was_looked_for():
    with pytest.raises(ConfigError, match=r"'nowhere\.py' does not exist: check the path, which is relative to"):
        plugins.find("task", "nowhere.py")
