"""The schedule: order, room, failures that stop nobody, stopping."""

import json
import os
import signal
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from formalrl.config import resolve
from formalrl.experiments import schedule
from formalrl.experiments.schedule import StopRequest, carry_out, stop_on_signals
from formalrl.experiments.sweep import sweep_from
from formalrl.experiments.sweep_runs import RunStatus


@dataclass
class Process:
    codes: list[int | None]
    calls: list[str] = field(default_factory=list)
    ended: bool = False

    def poll(self):
        code = self.codes.pop(0) if len(self.codes) > 1 else self.codes[0]
        self.ended = code is not None
        return code

    def stop(self):
        self.calls.append("stop")
        self.codes = [None, 130]

    def kill(self):
        self.calls.append("kill")
        self.codes = [-9]


@dataclass
class Launcher:
    """Runs `room` at once; each has the exit codes that it is told to have."""

    codes: list[list[int | None]]
    room: int = 2
    started: list[list[str]] = field(default_factory=list)
    processes: list[Process] = field(default_factory=list)
    closed: bool = False

    def has_room(self):
        return sum(not process.ended for process in self.processes) < self.room

    def start(self, arguments, log):
        self.started.append(list(arguments))
        self.processes.append(Process(self.codes.pop(0)))
        return self.processes[-1]

    def close(self):
        self.closed = True


@pytest.fixture
def statuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[RunStatus]:
    monkeypatch.setattr(schedule, "PAUSE_S", 0)
    config = resolve({"task": "arithmetic", "max_steps": 4})
    runs = sweep_from({"task": "arithmetic", "seeds": 4}).runs(tmp_path)
    return [RunStatus(run, config, tmp_path) for run in runs]


def test_finished_runs_stay_and_a_failure_stops_no_other(statuses: list[RunStatus]):
    done = statuses[1].run.folder
    done.mkdir(parents=True)
    (done / "README.md").touch()
    (done / "eval.jsonl").write_text(json.dumps({"step": 4, "accuracy": 0.5}))
    launcher = Launcher([[None, 2], [None, None, 0], [0]], room=9)
    told: list[str] = []
    carry_out(statuses, launcher, StopRequest(), lambda s: told.append(f"{s.run.seed} {s.state}") if s else None)
    assert [status.state for status in statuses] == ["failed", "done", "done", "done"]
    assert [status.code for status in statuses] == [2, None, 0, 0]
    assert statuses[1].evaluation["accuracy"] == 0.5
    assert [arguments[-1][-5:] for arguments in launcher.started] == ["seed0", "seed2", "seed3"]
    assert [text for text in told if text.startswith("0")] == ["0 running", "0 failed"]
    assert launcher.closed


def test_the_next_run_starts_when_there_is_room(statuses: list[RunStatus]):
    launcher = Launcher([[None, None, 0], [None, 0], [0], [0]], room=1)
    told: list[str] = []
    carry_out(statuses, launcher, StopRequest(), lambda s: told.append(f"{s.run.seed} {s.state}") if s else None)
    assert told == [f"{seed} {state}" for seed in range(4) for state in ("running", "done")]


def test_a_first_stop_asks_and_a_second_one_kills(statuses: list[RunStatus]):
    request = StopRequest()
    launcher = Launcher([[None], [None], [None], [None]], room=2)

    def change(status):
        if status is statuses[1] and status.state == "running":
            request.count = 1

    carry_out(statuses, launcher, request, change)
    assert [status.state for status in statuses] == ["stopped", "stopped", "waiting", "waiting"]
    assert [process.calls for process in launcher.processes] == [["stop"], ["stop"]]

    for status in statuses:
        status.state = "waiting"
    request.count = 0

    def twice(status):
        if status is statuses[0] and status.state == "running":
            request.count = 2

    launcher = Launcher([[None]], room=1)
    carry_out(statuses, launcher, request, twice)
    assert launcher.processes[0].calls == ["stop", "kill"]
    assert (statuses[0].state, statuses[0].code) == ("stopped", -9)


def test_a_run_that_ended_well_although_it_was_asked_to_stop_is_done(statuses: list[RunStatus]):
    request = StopRequest()
    launcher = Launcher([[0]], room=1)

    def change(status):
        if status is statuses[0] and status.state == "running":
            request.count = 1
            launcher.processes and setattr(launcher.processes[0], "stop", lambda: None)

    carry_out(statuses[:1], launcher, request, change)
    assert statuses[0].state == "done"


def test_signals_are_counted_and_the_handlers_put_back():
    before = signal.getsignal(signal.SIGTERM)
    with stop_on_signals() as request:
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGTERM)
        assert request.count == 2
    assert signal.getsignal(signal.SIGTERM) is before
