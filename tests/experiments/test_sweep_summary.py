"""The summary: by hand, without times, with failures."""

import csv
import json
from pathlib import Path

import pytest

from formalrl.config import resolve
from formalrl.experiments.sweep import sweep_from
from formalrl.experiments.sweep_runs import RunStatus
from formalrl.experiments.sweep_summary import summarize, write_summary


@pytest.fixture
def statuses(tmp_path: Path) -> list[RunStatus]:
    config = resolve({"task": "arithmetic", "max_steps": 4})
    sweep = sweep_from({"task": "arithmetic", "grid": {"top_k": [0, 3]}, "seeds": 3})
    found = [RunStatus(run, config, tmp_path) for run in sweep.runs(tmp_path)]
    for number, status in enumerate(found):
        status.state = "done"
        verdict = "collapsed" if number in (0, 1) else "healthy"
        status.evaluation = {"step": 4, "accuracy": number / 10, "reward": number, "verdict": verdict}
    return found


def test_means_intervals_and_collapses_by_hand(statuses: list[RunStatus]):
    first, second = summarize(statuses)
    assert first.scores["accuracy"].value == pytest.approx(0.1)  # 0, 0.1, 0.2
    assert (first.scores["accuracy"].low, first.scores["accuracy"].high) == (0.0, pytest.approx(0.2))
    assert second.scores["reward"].value == 4.0
    assert first.collapsed is not None and first.collapsed.value == pytest.approx(2 / 3)
    assert second.collapsed is not None and second.collapsed.value == 0.0
    assert first.seeds == (0, 1, 2)


def test_failed_runs_are_counted_and_left_out(statuses: list[RunStatus], tmp_path: Path):
    statuses[2].state, statuses[2].code = "failed", 2
    statuses[2].log.parent.mkdir()
    statuses[2].log.write_text("step 1\nerror: no memory\n")
    for status in statuses[3:]:
        status.state = "failed"
    first, second = summarize(statuses)
    assert first.scores["accuracy"].value == pytest.approx(0.05)
    assert (first.num_failed, first.num_runs, first.seeds) == (1, 3, (0, 1))
    assert (second.num_failed, second.scores, second.collapsed) == (3, {}, None)
    data = write_summary(tmp_path, statuses, [first, second])
    assert data["runs"][2]["error"] == "error: no memory"
    assert data["runs"][2]["accuracy"] is None
    assert data["settings"][1]["mean"] == {}


def test_a_score_that_a_run_lacks_is_not_averaged_over_the_others(statuses: list[RunStatus]):
    statuses[0].evaluation = {"step": 4, "reward": 1.0, "accuracy": None, "verdict": "unknown"}
    first, _ = summarize(statuses)
    assert list(first.scores) == ["reward"]
    assert first.collapsed is not None and first.collapsed.n == 2


def test_one_seed_claims_no_interval(statuses: list[RunStatus], tmp_path: Path):
    data = write_summary(tmp_path, statuses[:1], summarize(statuses[:1]))
    assert data["settings"][0]["mean"]["accuracy"] == {"value": 0.0, "low": None, "high": None, "n": 1}


def test_files_hold_everything_and_times_in_one_place_only(statuses: list[RunStatus], tmp_path: Path):
    folder = statuses[0].run.folder
    folder.mkdir(parents=True)
    (folder / "metrics.jsonl").write_text('{"step": 1, "time/step_s": 0.5}\n{"step": 2, "time/step_s": 0.5}\n')
    data = write_summary(tmp_path, statuses, summarize(statuses))
    assert json.loads((tmp_path / "summary.json").read_text()) == data
    assert [run["train_s"] for run in data["runs"]] == [1.0, 0, 0, 0, 0, 0]
    assert not any("_s" in name for setting in data["settings"] for name in setting)
    settings = list(csv.DictReader((tmp_path / "summary.csv").open()))
    assert [row["top_k"] for row in settings] == ["0", "3"]
    assert float(settings[1]["accuracy_mean"]) == pytest.approx(0.4)
    assert float(settings[1]["accuracy_mean_low"]) == pytest.approx(0.3)
    assert settings[0]["seeds"] == "3"
    runs = list(csv.DictReader((tmp_path / "runs.csv").open()))
    assert [(row["top_k"], row["seed"], row["verdict"]) for row in runs[:2]] == [
        ("0", "0", "collapsed"),
        ("0", "1", "collapsed"),
    ]
    assert runs[0]["folder"] == "top_k=0/seed0"
