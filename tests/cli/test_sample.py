"""`formalrl sample`."""

import json
from typing import Any

import pytest

from formalrl.cli import main


def test_prompts_follow_the_folder(api: Any, capsys: pytest.CaptureFixture[str]):
    assert main(["sample", str(api.folder), "5 + 3 =", "--num-samples", "2", "--temperature", "0"]) == 0
    _, arguments, options = api.calls[0]
    assert arguments == (str(api.folder), ["5 + 3 ="])
    assert (options["num_samples"], options["temperature"]) == (2, 0.0)
    out = capsys.readouterr().out
    assert "5 + 3 =" in out
    assert "8   reward 1.000, logprob -0.250" in out


def test_without_prompts_the_task_gives_them(api: Any, capsys: pytest.CaptureFixture[str]):
    assert main(["sample", str(api.folder), "--json"]) == 0
    assert api.calls[0][1] == (str(api.folder), None)
    assert json.loads(capsys.readouterr().out)["samples"][0]["completion"] == "8"
