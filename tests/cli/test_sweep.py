"""`formalrl sweep` with stand-ins for the runs; tests/invariants/test_sweep_kill.py has real ones."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from formalrl.cli import main, sweep
from formalrl.config import load_config
from formalrl.errors import ConfigError
from formalrl.experiments import schedule
from formalrl.experiments.sweep import Sweep

ARGUMENTS = ["sweep", "arithmetic", "--grid", "top_k=0,3", "--seeds", "2", "--max-steps", "4", "--output-dir", "out"]


@dataclass
class Ended:
    code: int

    def poll(self):
        return self.code

    def stop(self):
        pass

    kill = stop


class Runs:
    """Stands for the launcher: writes what a run leaves behind, at once; a run whose label is in `failing` fails."""

    failing: tuple[str, ...] = ()
    started: list[str]

    def __init__(self, jobs, threads, watches_memory, inherited):
        Runs.made = (jobs, threads, watches_memory)

    def has_room(self):
        return True

    def start(self, arguments, log):
        assert arguments[0] == "train"
        config = load_config(arguments[2])
        folder = Path(arguments[4])
        Runs.started.append(log.stem)
        if log.stem in Runs.failing:
            log.write_text("loading\nerror: broken on purpose.\n")
            return Ended(2)
        folder.mkdir(parents=True)
        row = {"step": 4, "accuracy": config.seed / 2, "reward": config.top_k, "verdict": "collapsed"}
        (folder / "eval.jsonl").write_text(json.dumps(row) + "\n")
        (folder / "README.md").touch()
        return Ended(0)

    def close(self):
        pass


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(schedule, "PAUSE_S", 0)
    monkeypatch.setattr(sweep, "LocalLauncher", Runs)
    monkeypatch.setattr(Runs, "failing", ())
    monkeypatch.setattr(Runs, "started", [], raising=False)


def test_every_run_runs_once_and_the_table_compares_settings(capsys: pytest.CaptureFixture[str]):
    assert main(ARGUMENTS) == 0
    out, err = capsys.readouterr()
    assert Runs.started == ["top_k=0-seed0", "top_k=0-seed1", "top_k=3-seed0", "top_k=3-seed1"]
    assert "0.250 (0.000 to 0.500)" in " ".join(out.split()) and "2 of 2" in out
    assert "top_k=3 seed 1: done at step 4, accuracy 0.500" in err
    assert Path("out/sweep.yaml").is_file() and Path("out/summary.csv").is_file()
    before = Path("out/summary.json").read_text()

    assert main(["sweep", "out", "--json"]) == 0  # the folder is enough, and nothing runs again
    out, _ = capsys.readouterr()
    assert len(Runs.started) == 4
    assert Path("out/summary.json").read_text() == before
    assert json.loads(out)["settings"] == json.loads(before)["settings"]


def test_a_failure_stops_no_other_gives_exit_code_1_and_is_tried_again(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(Runs, "failing", ("top_k=0-seed1",))
    assert main(ARGUMENTS) == 1
    out, err = capsys.readouterr()
    assert "top_k=0 seed 1 failed with exit code 2" in out and "  error: broken on purpose." in out
    assert "failed with exit code 2: error: broken on purpose." in err
    assert "3 of 4 runs done" in out and "1/2" in out
    monkeypatch.setattr(Runs, "failing", ())
    assert main(ARGUMENTS) == 0
    assert Runs.started[4:] == ["top_k=0-seed1"]


def test_another_definition_is_refused_and_more_seeds_are_added(capsys: pytest.CaptureFixture[str]):
    assert main(ARGUMENTS) == 0
    capsys.readouterr()
    assert main([*ARGUMENTS, "--top-p", "0.5"]) == 2
    err = capsys.readouterr().err
    assert "holds another sweep: its top_p is None, not 0.5" in err and "choose another --output-dir" in err
    assert main([*ARGUMENTS, "--seeds", "3"]) == 0
    assert Runs.started[4:] == ["top_k=0-seed2", "top_k=3-seed2"]


def test_settings_that_have_changed_since_are_refused(capsys: pytest.CaptureFixture[str]):
    assert main(ARGUMENTS) == 0
    settings = Path("out/settings/top_k=0-seed0.yaml")
    settings.write_text(settings.read_text() + "top_p: 0.5\n")
    assert main(ARGUMENTS) == 2
    assert "top_k=0 seed 0 was begun with other settings" in capsys.readouterr().err


def test_a_folder_of_something_else_is_refused(capsys: pytest.CaptureFixture[str]):
    Path("out").mkdir()
    Path("out/notes.txt").touch()
    assert main(ARGUMENTS) == 2
    Path("file").touch()
    assert main([*ARGUMENTS[:-1], "file"]) == 2
    assert main([*ARGUMENTS, "--jobs", "0"]) == 2
    first, second, third = capsys.readouterr().err.splitlines()
    assert "holds no sweep" in first and "is a file" in second and "set --jobs to 1 or more" in third
    assert Runs.started == []


def test_jobs_share_the_cores_and_a_resumed_sweep_keeps_its_threads(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sweep, "num_cores", lambda: 8)
    assert main(ARGUMENTS) == 0
    assert Runs.made == (4, 2, True)  # four runs on eight cores
    assert main([*ARGUMENTS, "--jobs", "1"]) == 0
    assert Runs.made == (1, 2, False)
    assert main([*ARGUMENTS[:-1], "other", "--jobs", "3", "--threads", "5"]) == 0
    assert Runs.made == (3, 5, False)


def test_a_dry_run_starts_and_writes_nothing(capsys: pytest.CaptureFixture[str]):
    assert main([*ARGUMENTS, "--dry-run"]) == 0
    assert "4 runs in out: 2 settings, seeds 0, 1" in capsys.readouterr().out
    assert main([*ARGUMENTS, "--dry-run", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert [run["settings"]["top_k"] for run in data["runs"]] == [0, 0, 3, 3]
    assert not Path("out").exists() and Runs.started == []


def test_ray_that_is_not_installed_is_named_before_anything_is_written(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, "ray", None)
    assert main([*ARGUMENTS, "--launcher", "ray"]) == 2
    err = capsys.readouterr().err
    assert "pip install 'formalrl[ray]'" in err and len(err.splitlines()) == 1
    assert not Path("out").exists()


def test_a_sweep_made_in_python_runs_as_that_of_the_command(tmp_path):
    made = Sweep(base={"task": "arithmetic", "max_steps": 4}, named={"a": {"top_k": 0}, "b": {"top_k": 3}}, seeds=(0,))
    assert sweep.run_sweep(made, tmp_path / "made", jobs=1).code == 0
    assert Runs.started == ["a-seed0", "b-seed0"] and Runs.made[0] == 1
    assert sweep.run_sweep(made, tmp_path / "made").code == 0 and len(Runs.started) == 2, "nothing is repeated"
    with pytest.raises(ConfigError, match="set --jobs to 1 or more"):
        sweep.run_sweep(made, tmp_path / "made", jobs=0)
