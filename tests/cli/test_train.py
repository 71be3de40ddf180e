"""`formalrl train`: what it calls, what it prints, how it ends."""

import json
from pathlib import Path
from typing import Any

import pytest

from formalrl.cli import main
from formalrl.config import from_dict, load_config


def test_it_trains_and_shows_what_was_learned(api: Any, capfd: pytest.CaptureFixture[str]):
    assert main(["train", "arithmetic", "--max-steps", "40", "--seed", "3"]) == 0
    (name, (task, config), options) = api.calls[0]
    assert (name, task, config.max_steps, config.seed, options) == ("train", None, 40, 3, {"resume": False})
    out, err = capfd.readouterr()
    assert "arithmetic, grpo: accuracy 0.050 -> 0.981 on 64 held-out prompts" in out
    assert "evaluation at step 40" in err


def test_json_is_the_summary_and_nothing_else(api: Any, capfd: pytest.CaptureFixture[str]):
    assert main(["train", "arithmetic", "--json"]) == 0
    out, err = capfd.readouterr()
    assert json.loads(out)["first"]["accuracy"] == 0.05
    assert "a library talks" in err


def test_resume_is_passed_on(api: Any):
    assert main(["train", "--output-dir", str(api.folder), "--resume"]) == 0
    assert api.calls[0][2] == {"resume": True}
    assert api.calls[0][1][1].output_dir == str(api.folder)


def test_an_interrupted_run_says_how_it_goes_on(api: Any, capfd: pytest.CaptureFixture[str]):
    api.fail = KeyboardInterrupt()
    assert main(["train", "arithmetic"]) == 130
    err = capfd.readouterr().err
    assert "stopped after step 20; last checkpoint: runs/a/checkpoint-20" in err
    assert "formalrl train --output-dir runs/a --resume" in err


def test_a_dry_run_prints_what_config_reads(api: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    arguments = ["arithmetic", "--algorithm", "ppo", "--algorithm.lam", "0.5", "--regularizers.kl.coef", "1e-3"]
    assert main(["train", *arguments, "--dry-run"]) == 0
    text = capsys.readouterr().out
    (tmp_path / "c.yaml").write_text(text)
    assert main(["train", "--config", str(tmp_path / "c.yaml"), "--dry-run"]) == 0
    assert capsys.readouterr().out == text
    assert main(["train", *arguments, "--dry-run", "--json"]) == 0
    assert from_dict(json.loads(capsys.readouterr().out)) == load_config(tmp_path / "c.yaml")
    assert api.calls == []


def test_settings_that_cannot_work_stop_a_dry_run_too(api: Any, capsys: pytest.CaptureFixture[str]):
    assert main(["train", "arithmetic", "--num-generations", "1", "--dry-run"]) == 2
    assert "set num_generations to 2 or more" in capsys.readouterr().err


def test_another_process_says_nothing(api: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setenv("RANK", "1")
    assert main(["train", "arithmetic"]) == 0
    assert "accuracy 0.050" not in capsys.readouterr().out
