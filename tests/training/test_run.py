"""A run from its folder to its summary; and a resume that goes on where it was."""

import json
from pathlib import Path

import pytest

from formalrl.config import resolve
from formalrl.errors import ConfigError, FormalRLError
from formalrl.training.run import prepare_run, run_sft_only, run_training

TOY = str(Path(__file__).parents[1] / "toy_task.py")
SETTINGS = {"eval_steps": 0, "prompts_per_step": 4, "warm_start": {"num_examples": 8, "batch_size": 4}}


def config(folder, **settings):
    return resolve({"task": TOY}, SETTINGS | {"max_steps": 2, "output_dir": str(folder)} | settings)


def prepare(folder, *, resume=False, **settings):
    events = []
    found = prepare_run(config(folder, **settings), resume=resume, on_event=lambda *event: events.append(event))
    return found, events


def rows(folder, name):
    return [json.loads(line) for line in (folder / name).read_text().splitlines()]


def test_the_summary_is_the_last_evaluation_with_the_first(tmp_path):
    prepared, events = prepare(tmp_path / "run")
    summary = run_training(prepared)
    evals = rows(tmp_path / "run", "eval.jsonl")
    assert summary["accuracy"] == evals[-1]["accuracy"]
    assert summary["first"]["step"] == 0
    assert summary["step"] == 2
    assert summary["output_dir"] == str(tmp_path / "run")
    assert [payload["name"] for kind, payload in events if kind == "phase"] == ["load", "train"]


def test_a_warm_start_comes_first_and_is_logged(tmp_path):
    prepared, events = prepare(tmp_path / "run", sft=True)
    assert [row["step"] for row in rows(tmp_path / "run", "sft.jsonl")] == [1, 2]
    assert [payload["num_steps"] for kind, payload in events if kind == "sft_step"] == [2, 2]
    summary = run_sft_only(prepared)
    assert summary["step"] == 0
    assert (tmp_path / "run" / "checkpoint-0" / "model.safetensors").exists()


def test_a_resume_goes_on_and_keeps_the_first_reference(tmp_path):
    import torch

    folder = tmp_path / "run"
    run_training(prepare(folder, track_reference=True)[0])
    start = torch.load(folder / "reference" / "state.pt")
    prepared, events = prepare(folder, resume=True, track_reference=True, max_steps=4)
    assert prepared.state.step == 2
    assert prepared.engine.optimizer.state_dict()["state"]  # the moments have come back
    run_training(prepared)
    assert [row["step"] for row in rows(folder, "metrics.jsonl")] == [1, 2, 3, 4]
    assert "Continuing from checkpoint-2." in [payload.get("text") for _, payload in events]
    again = torch.load(folder / "reference" / "state.pt")
    assert all(value.equal(again[name]) for name, value in start.items())
    assert rows(folder, "metrics.jsonl")[-1]["policy/kl_ref"] > 0


def test_a_resume_before_the_first_checkpoint_starts_anew(tmp_path):
    prepare(tmp_path / "run", sft=True)
    prepared, events = prepare(tmp_path / "run", resume=True, sft=True)
    assert prepared.state.step == 0
    assert len(rows(tmp_path / "run", "sft.jsonl")) == 2  # the rows of the first try have moved
    assert len(rows(tmp_path / "run" / "superseded", "sft.jsonl")) == 2
    assert "No whole checkpoint yet: starting anew." in [payload.get("text") for _, payload in events]


def test_a_folder_with_another_run_is_refused_before_anything_is_loaded(tmp_path, monkeypatch):
    from formalrl.training import run

    prepare(tmp_path / "run")
    monkeypatch.setattr(run, "load", lambda *args: pytest.fail("a model was loaded"))
    with pytest.raises(ConfigError, match="already holds a run"):
        prepare(tmp_path / "run")
    with pytest.raises(ConfigError, match="holds another run: its seed is 0, not 1"):
        prepare(tmp_path / "run", resume=True, seed=1)


def test_a_reference_that_is_gone_is_named(tmp_path):
    run_training(prepare(tmp_path / "run", track_reference=True)[0])
    (tmp_path / "run" / "reference" / "state.pt").unlink()
    with pytest.raises(FormalRLError, match="reference") as caught:
        prepare(tmp_path / "run", resume=True, track_reference=True)
    assert "\n" not in str(caught.value)
    assert "state.pt is missing" in str(caught.value)
