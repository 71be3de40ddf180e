"""A sweep killed and started again ends with the table of one that was left alone; Ctrl-C lets its runs save first."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

TOY = str(Path(__file__).parents[1] / "toy_task.py")
STEPS = 12
LIMIT_S = 600
"""Seconds after which something must be wrong, however busy the machine is."""
GATED = """
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.append({tests!r})
from toy_task import Toy

GATE, CALL = Path(os.environ["GATE"]), 64 * 12
count = 0


@dataclass(frozen=True)
class Gated(Toy):
    def reward(self, prompt, completion, answer, **columns):
        global count
        count += 1
        if count == CALL:
            while (GATE / "first").exists() and not (GATE / "open").exists():
                (GATE / "waits").touch()
                time.sleep(0.01)
            (GATE / "first").touch()
        return super().reward(prompt, completion, answer, **columns)
"""
"""The first run passes the gate and shuts it behind itself: the second one waits halfway until it is opened."""


@pytest.fixture
def sweep() -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Start sweeps, each in a process group of its own; those that a failed test leaves behind are ended."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*arguments: Any) -> subprocess.Popen[bytes]:
        started.append(start_sweep(*arguments))
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)


def start_sweep(folder: Path, task: Path, gate: Path, *more: str) -> subprocess.Popen[bytes]:
    gate.mkdir(exist_ok=True)
    settings = ["--max-steps", str(STEPS), "--save-steps", "3", "--eval-steps", "6", "--jobs", "1", "--seeds", "2"]
    command = [sys.executable, "-m", "formalrl", "sweep", str(task), "--grid", "learning_rate=3e-3", *settings]
    with folder.with_suffix(".log").open("ab") as log:
        return subprocess.Popen(
            [*command, "--output-dir", str(folder), *more],
            stdout=log,
            stderr=log,
            env=os.environ | {"GATE": str(gate)},
            start_new_session=True,
        )


def wait_for(condition, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + LIMIT_S
    while not condition():
        assert process.poll() is None and time.monotonic() < until, log.read_text()[-3000:]
        time.sleep(0.02)


def num_rows(path: Path) -> int:
    return path.read_text().count("\n") if path.exists() else 0


def table(folder: Path):
    data = json.loads((folder / "summary.json").read_text())
    for run in data["runs"]:
        assert run.pop("train_s") > 0
    return data


@pytest.mark.slow
@pytest.mark.timeout(3 * LIMIT_S)
def test_a_killed_and_restarted_sweep_ends_with_the_table_of_an_undisturbed_one(tmp_path: Path, sweep: Any):
    task, calm, killed = tmp_path / "gated.py", tmp_path / "calm", tmp_path / "killed"
    task.write_text(GATED.format(tests=str(Path(TOY).parent)))
    gates = tmp_path / "gate-calm", tmp_path / "gate-killed"
    gates[0].mkdir()
    (gates[0] / "open").touch()
    assert sweep(calm, task, gates[0]).wait(LIMIT_S) == 0, calm.with_suffix(".log").read_text()[-3000:]

    process = sweep(killed, task, gates[1])
    first, second = (killed / "learning_rate=0.003" / f"seed{seed}" for seed in (0, 1))
    wait_for((gates[1] / "waits").exists, process, killed.with_suffix(".log"))
    written = (first / "README.md").stat().st_mtime_ns  # the first run is done, the second halfway
    assert 3 <= num_rows(second / "metrics.jsonl") < STEPS
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()

    (gates[1] / "open").touch()
    assert sweep(killed, task, gates[1]).wait(LIMIT_S) == 0, killed.with_suffix(".log").read_text()[-3000:]
    assert (first / "README.md").stat().st_mtime_ns == written  # not repeated
    assert "Continuing from checkpoint-" in (killed / "logs" / "learning_rate=0.003-seed1.log").read_text()
    assert table(killed) == table(calm)
    assert len(table(calm)["runs"]) == 2 and table(calm)["settings"][0]["mean"]["accuracy"]["n"] == 2
    for name in ("summary.csv", "sweep.yaml"):
        lines = [(folder / name).read_text().replace(str(folder), "") for folder in (calm, killed)]
        assert lines[0] == lines[1]


@pytest.mark.slow
@pytest.mark.timeout(3 * LIMIT_S)
def test_ctrl_c_lets_the_runs_save_and_leaves_none_behind(tmp_path: Path, sweep: Any):
    folder = tmp_path / "sweep"
    process = sweep(folder, Path(TOY), tmp_path / "gate", "--max-steps", "1000000", "--eval-steps", "0")
    run = folder / "learning_rate=0.003" / "seed0"
    wait_for(lambda: num_rows(run / "metrics.jsonl") >= 4, process, folder.with_suffix(".log"))
    children = psutil.Process(process.pid).children(recursive=True)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does it
    assert process.wait(LIMIT_S) == 130
    log = folder.with_suffix(".log").read_text()
    assert "0 of 2 runs are done" in log and f"formalrl sweep {folder}" in log
    assert not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in children)
    steps = num_rows(run / "metrics.jsonl")
    assert (run / f"checkpoint-{steps}" / "integrity.json").is_file()
    assert json.loads((folder / "summary.json").read_text())["runs"][0]["state"] == "stopped"
