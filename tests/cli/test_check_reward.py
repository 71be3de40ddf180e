"""`formalrl check-reward` through the command line."""

import json
from pathlib import Path

import pytest

from formalrl.cli import main

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
