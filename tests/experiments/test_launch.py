"""Processes on this machine: their environment, how many, how they end, who holds the folder."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from formalrl.errors import ConfigError
from formalrl.experiments import launch
from formalrl.experiments.launch import LocalLauncher, num_cores, sweep_lock, threads_environment


def stand_in(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """Start this program in place of `python -m formalrl ARGUMENTS`."""
    popen = subprocess.Popen

    def start(command, **settings):
        assert command[:3] == [sys.executable, "-m", "formalrl"]
        return popen([sys.executable, "-c", program, *command[3:]], **settings)

    monkeypatch.setattr(launch.subprocess, "Popen", start)


def test_what_a_run_prints_goes_to_its_log_with_its_threads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    stand_in(monkeypatch, "import os, sys; print(sys.argv[1:], os.environ['OMP_NUM_THREADS']); sys.exit(3)")
    log = tmp_path / "log"
    log.write_text("before\n")
    process = LocalLauncher(jobs=1, threads=3).start(["train", "x"], log)
    assert process.process.wait(60) == 3 == process.poll()
    assert log.read_text() == "before\n['train', 'x'] 3\n"
    assert threads_environment(3)["MKL_NUM_THREADS"] == "3"


def test_runs_leave_ctrl_c_to_the_sweep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    blocked = "import signal; print(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, []), flush=True)"
    stand_in(monkeypatch, f"{blocked}; import time; time.sleep(600)")
    process = LocalLauncher(jobs=1, threads=1).start([], tmp_path / "log")
    assert os.getpgid(process.process.pid) == os.getpgid(0)
    assert process.poll() is None
    process.stop()
    assert process.process.wait(60) == -15
    assert "False" not in (tmp_path / "log").read_text()


def test_no_more_than_jobs_run_at_once_and_close_ends_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    stand_in(monkeypatch, "import time; time.sleep(600)")
    launcher = LocalLauncher(jobs=2, threads=1, watches_memory=False)
    started = []
    while launcher.has_room():
        started.append(launcher.start([], tmp_path / "log"))
    assert len(started) == 2
    started[0].kill()
    started[0].process.wait(60)
    assert launcher.has_room()
    launcher.close()
    assert started[1].process.wait(60) == -9


def test_a_run_waits_while_memory_is_short_but_one_always_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    stand_in(monkeypatch, "import time; time.sleep(600)")
    free = SimpleNamespace(available=0)
    monkeypatch.setattr(launch.psutil, "virtual_memory", lambda: free)
    taken = {"gib": 0.5}
    monkeypatch.setattr(launch, "_memory_of", lambda pid: taken["gib"] * 2**30)
    launcher = LocalLauncher(jobs=4, threads=1)
    assert launcher.has_room()
    launcher.start([], tmp_path / "log")
    free.available = int(1.4 * 2**30)
    assert not launcher.has_room()  # the first may still grow by 0.5 to the 1 GiB that each is taken to need
    free.available = int(1.6 * 2**30)
    assert launcher.has_room()
    taken["gib"] = 3.0
    assert not launcher.has_room()  # now one is known to take 3
    free.available = int(3.1 * 2**30)
    assert launcher.has_room()
    taken["gib"] = 2.0
    assert not launcher.has_room()  # that it took 3 is remembered
    launcher.close()


def test_a_folder_is_held_by_the_sweep_and_by_runs_that_outlive_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    stand_in(monkeypatch, "import time; time.sleep(600)")
    with sweep_lock(tmp_path) as lock:
        with pytest.raises(ConfigError, match="in use by another `formalrl sweep`"), sweep_lock(tmp_path):
            pass
        process = LocalLauncher(jobs=1, threads=1, inherited=(lock,)).start([], tmp_path / "log")
    with pytest.raises(ConfigError, match="left behind"), sweep_lock(tmp_path):
        pass
    process.kill()
    process.process.wait(60)
    with sweep_lock(tmp_path):
        pass


def test_memory_and_cores_of_this_process():
    assert launch._memory_of(os.getpid()) >= 0.9 * psutil.Process().memory_info().rss > 0
    assert launch._memory_of(2**22 + 1) == 0
    assert 1 <= num_cores() <= (os.cpu_count() or 1)
