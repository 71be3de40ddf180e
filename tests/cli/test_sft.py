"""`formalrl sft`."""

import json
from typing import Any

import pytest

from formalrl.cli import main


def test_it_warm_starts_and_says_what_comes_next(api: Any, capfd: pytest.CaptureFixture[str]):
    assert main(["sft", "arithmetic", "--warm-start.num-examples", "64"]) == 0
    name, (task, config), _ = api.calls[0]
    assert (name, task, config.warm_start.num_examples) == ("warm_start", None, 64)
    out = capfd.readouterr().out
    assert f"formalrl train arithmetic --model-name-or-path {api.folder}/checkpoint-0" in out


def test_json_is_pure(api: Any, capfd: pytest.CaptureFixture[str]):
    assert main(["sft", "arithmetic", "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["output_dir"] == str(api.folder)


def test_dry_run_and_interruption(api: Any, capsys: pytest.CaptureFixture[str]):
    assert main(["sft", "arithmetic", "--dry-run"]) == 0
    assert capsys.readouterr().out.startswith("task:")
    api.fail = KeyboardInterrupt()
    assert main(["sft", "arithmetic"]) == 130
