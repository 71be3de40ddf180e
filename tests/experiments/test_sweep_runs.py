"""How runs stand, from their folders: whole, torn, finished, to be continued."""

import json
from pathlib import Path

import pytest

from formalrl.config import load_config, resolve
from formalrl.experiments.sweep import sweep_from
from formalrl.experiments.sweep_runs import RunStatus, arguments_of, is_finished, last_row, train_seconds


@pytest.fixture
def status(tmp_path: Path) -> RunStatus:
    sweep = sweep_from({"task": "arithmetic", "grid": {"top_k": [3]}, "seeds": [2]})
    return RunStatus(sweep.runs(tmp_path)[0], resolve({"task": "arithmetic", "max_steps": 4, "top_k": 3}), tmp_path)


def test_the_last_whole_row_counts(tmp_path: Path):
    path = tmp_path / "metrics.jsonl"
    assert last_row(path) == {}
    path.write_text("")
    assert last_row(path) == {}
    path.write_text("".join(json.dumps({"step": n, "text": "x" * 5000}) + "\n" for n in range(40)) + '{"step": 40, "t')
    assert last_row(path)["step"] == 39


def test_a_run_is_finished_with_its_last_evaluation_and_its_report(status: RunStatus):
    folder = status.run.folder
    folder.mkdir(parents=True)
    assert not is_finished(folder, status.config)
    (folder / "README.md").touch()
    (folder / "eval.jsonl").write_text('{"step": 0}\n{"step": 3}\n')
    assert not is_finished(folder, status.config)
    (folder / "eval.jsonl").write_text('{"step": 0}\n{"step": 4}\n')
    assert is_finished(folder, status.config)
    (folder / "README.md").unlink()
    assert not is_finished(folder, status.config)


def test_refresh_reads_step_and_evaluation(status: RunStatus):
    folder = status.run.folder
    folder.mkdir(parents=True)
    status.refresh()
    assert status.step == 0
    (folder / "metrics.jsonl").write_text('{"step": 1, "time/step_s": 0.5}\n{"step": 2, "time/step_s": 0.25}\n')
    (folder / "eval.jsonl").write_text('{"step": 0, "accuracy": 0.5}\n')
    status.refresh()
    assert (status.step, status.evaluation["accuracy"]) == (2, 0.5)
    assert train_seconds(folder) == 0.75


def test_a_run_starts_from_its_settings_and_goes_on_where_there_is_one(status: RunStatus):
    folder = status.run.folder
    start = ["train", "--config", str(status.settings), "--output-dir", str(folder)]
    assert arguments_of(status) == start
    folder.mkdir(parents=True)
    assert arguments_of(status) == start
    (folder / "config.yaml").write_text("")  # torn: killed while it was written
    assert arguments_of(status) == [*start, "--resume"]
    assert load_config(folder) == status.config


def test_the_last_lines_of_a_log(status: RunStatus):
    assert status.last_lines() == []
    status.log.parent.mkdir()
    status.log.write_text("\n\n".join(map(str, range(20))) + "\n")
    assert status.last_lines() == ["15", "16", "17", "18", "19"]
    assert status.log.name == "top_k=3-seed2.log"
