"""Runs of a sweep on a local Ray; skipped where Ray is not installed."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from formalrl.errors import ConfigError
from formalrl.experiments import launch_ray
from formalrl.experiments.launch_ray import RayLauncher, carry_out_run


def test_without_ray_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ConfigError, match=r"pip install 'formalrl\[ray\]'"):
        RayLauncher(threads=1)


def test_a_run_is_a_process_with_its_log_folder_and_threads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    program = "import os, sys; print(os.getcwd(), os.environ['OMP_NUM_THREADS'], sys.argv[1:]); sys.exit(3)"
    popen = subprocess.Popen
    monkeypatch.setattr(
        launch_ray.subprocess, "Popen", lambda command, **more: popen([command[0], "-c", program, *command[3:]], **more)
    )
    log = tmp_path / "log"
    assert carry_out_run(["train", "x"], str(log), str(tmp_path), {"OMP_NUM_THREADS": "2"}) == 3
    assert log.read_text() == f"{tmp_path} 2 ['train', 'x']\n"


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_sweep_runs_on_a_local_ray(tmp_path: Path):
    pytest.importorskip("ray")
    toy = str(Path(__file__).parents[1] / "toy_task.py")
    command = [sys.executable, "-m", "formalrl", "sweep", toy, "--grid", "top_k=0,99", "--seeds", "1"]
    command += ["--max-steps", "2", "--launcher", "ray", "--output-dir", str(tmp_path / "sweep")]
    environment = os.environ | {"RAY_ADDRESS": "local", "COLUMNS": "80"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=500, env=environment)
    assert done.returncode == 1, done.stderr[-3000:]  # 99 of 12 tokens cannot be: a run of its own fails
    assert "top_k=0 seed 0: done" in done.stderr
    assert "top_k=99 seed 0 failed" in done.stdout


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_runs_that_ray_was_given_stop_and_one_that_never_fits_is_refused(tmp_path: Path):
    ray = pytest.importorskip("ray")
    ray.init(num_cpus=1, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    try:
        with pytest.raises(ConfigError, match="a run needs 64 CPU"):
            RayLauncher(threads=64)
        with pytest.raises(ConfigError, match="--gpus-per-run"):
            RayLauncher(threads=1, gpus=1)
        launcher = RayLauncher(threads=1, jobs=2)
        log = tmp_path / "log"
        toy = str(Path(__file__).parents[1] / "toy_task.py")
        endless = ["train", toy, "--max-steps", "1000000", "--output-dir", str(tmp_path / "run")]
        running = launcher.start(endless, log)
        waiting = launcher.start(["--version"], tmp_path / "other")
        assert not launcher.has_room()
        until = time.monotonic() + 200
        while not (tmp_path / "run" / "metrics.jsonl").exists():
            assert running.poll() is None and time.monotonic() < until
            time.sleep(0.05)
        waiting.stop()
        running.stop()
        while running.poll() is None or waiting.poll() is None:
            assert time.monotonic() < until
            time.sleep(0.05)
        assert running.poll() == waiting.poll() == launch_ray.INTERRUPTED
        assert list((tmp_path / "run").glob("checkpoint-*/integrity.json"))  # it saved before it ended
        launcher.close()
    finally:
        ray.shutdown()
