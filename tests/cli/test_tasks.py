"""`formalrl tasks`."""

import json
from pathlib import Path

import pytest

from formalrl import plugins
from formalrl.cli import main

TASK = """
def prompts():
    return [{"prompt": f"{i} + 1 =", "answer": str(i + 1)} for i in range(90)]

def reward(prompt, completion, answer):
    return 1.0 if completion == answer else 0.25
"""


def test_every_task_is_listed_with_what_it_is(capsys: pytest.CaptureFixture[str]):
    assert main(["tasks", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)["tasks"]
    assert [task["name"] for task in listed] == plugins.names("task")
    assert all(10 < len(task["summary"]) < 120 for task in listed)


def test_a_task_shows_prompts_with_answers_and_top_rewards(capsys: pytest.CaptureFixture[str]):
    assert main(["tasks", "show", "arithmetic", "--num-prompts", "2", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["settings"]["operators"] == "+"
    assert [row["reward"] for row in found["prompts"]] == [1.0, 1.0]


def test_its_options_apply(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert main(["tasks", "show", "arithmetic", "--task.vocabulary", "character", "--num-prompts", "1"]) == 0
    out = capsys.readouterr().out
    assert "--task.vocabulary" in out
    assert " + " not in out.splitlines()[-2]


def test_a_task_of_ones_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "plus.py").write_text(TASK)
    assert main(["tasks", "show", str(tmp_path / "plus.py")]) == 0
    assert "reward 1.000" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["shw", "arithmetic"], "Did you mean 'show'?"),
        (["show", "arithmtic"], "Did you mean 'arithmetic'?"),
        (["show"], "write `formalrl tasks show NAME`"),
        (["show", "arithmetic", "--task.mode", "x"], "expected one of answer, solution"),
    ],
)
def test_mistakes_are_named(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]):
    assert main(["tasks", *arguments]) == 2
    assert words in capsys.readouterr().err
