"""`formalrl check-reward` through the command line."""

import json
from pathlib import Path

import pytest

from formalrl.checks import CheckReport
from formalrl.checks.run import CheckSettings
from formalrl.cli import check_reward, main

QUICK = ["--num-prompts", "6", "--workers", "1", "--budget-s", "1"]


@pytest.mark.slow
def test_a_good_task_passes_and_a_constant_reward_does_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    rows = "def prompts():\n    return [{'prompt': f'{i} =', 'answer': str(i)} for i in range(60)]\n\n\n"
    good, bad = tmp_path / "good.py", tmp_path / "bad.py"
    good.write_text(rows + "def reward(prompt, completion, answer):\n    return float(completion.strip() == answer)\n")
    bad.write_text(rows + "def reward(prompt, completion, answer):\n    return 1.0\n")
    assert main(["check-reward", str(good), *QUICK]) == 0
    capsys.readouterr()
    assert main(["check-reward", str(bad), *QUICK, "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["findings"]


def test_bad_input_is_one_line(capsys: pytest.CaptureFixture[str]):
    assert main(["check-reward"]) == 2
    assert main(["check-reward", "arithmetik"]) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 2
    assert "Did you mean 'arithmetic'?" in lines[1]
    assert main(["check-reward", "arithmetic", "--model-name-or-path", "runs/none/such"]) == 2
    assert main(["check-reward", "arithmetic", "--task.mod", "answer"]) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert "there is no folder 'runs/none/such'" in lines[0] and "unknown option '--task.mod'" in lines[1]


def test_options_of_the_task_and_of_the_model_reach_the_check(capsys: pytest.CaptureFixture[str], monkeypatch):
    asked = {}

    def check(task, settings, *, model, name):
        asked.update(task=task, settings=settings, model=model, name=name)
        return CheckReport(name)

    monkeypatch.setattr(check_reward, "check_reward", check)
    model = ["--model-name-or-path", "gpt2", "--num-samples", "4", "--temperature", "0.5"]
    assert main(["check-reward", "arithmetic", "--task.mode", "solution", *model, "--timeout-s", "3", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["ok"]
    assert asked["task"] == {"name": "arithmetic", "mode": "solution"} and asked["model"] == "gpt2"
    assert asked["settings"] == CheckSettings(num_samples=4, temperature=0.5, timeout_s=3.0)
    assert main(["check-reward", "arithmetic", "--help"]) == 0
    assert "--task.mode" in capsys.readouterr().out
