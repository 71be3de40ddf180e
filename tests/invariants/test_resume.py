"""Killed at any moment and resumed, a run ends with numbers and weights of a run that was left alone, bit for bit."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from safetensors.torch import load_file

TOY = str(Path(__file__).parents[1] / "toy_task.py")
TIMES = ("time/", "throughput/", "memory/")
EVERYTHING = [
    *("--algorithm", "ppo", "--algorithm.num-minibatches", "2", "--sft"),
    *("--regularizers.kl.coef", "0.2", "--regularizers.kl.placement", "reward", "--regularizers.kl.target", "6"),
    *("--regularizers.entropy.coef", "0.1", "--regularizers.entropy.adaptive-target", "0.5"),
    *("--regularizers.batch-entropy.coef", "0.2", "--regularizers.batch-entropy.coef-end", "0"),
    *("--regularizers.batch-entropy.coef-schedule", "linear"),
    *("--curriculum.advance-at", "0.05", "--curriculum.window", "2", "--curriculum.rehearsal", "0.4"),
    *("--prompt-selection", "learnability", "--dynamic-sampling", "--lr-scheduler-type", "cosine"),
]
"""Every part with a state, a schedule or a key of its own."""
STEPS = 8


def command(folder, *more):
    options = ["--output-dir", str(folder), "--max-steps", str(STEPS), "--save-steps", "2", "--eval-steps", "3"]
    options += ["--save-total-limit", "10", "--warm-start.num-examples", "16"]
    return [sys.executable, "-m", "formalrl", "train", TOY, *options, *EVERYTHING, *more]


def environment():
    return os.environ | {"OMP_NUM_THREADS": "1"}


def finish(folder, *more):
    done = subprocess.run(command(folder, *more), env=environment(), capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout + done.stderr


def kill_after(folder, num_rows, delay=0.0):
    """Start a run and kill it once it has logged so many steps (and a little later)."""
    process = subprocess.Popen(
        command(folder), env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    path = Path(folder) / "metrics.jsonl"
    until = time.monotonic() + 200
    while process.poll() is None and time.monotonic() < until:
        if path.exists() and path.read_text().count("\n") >= num_rows:
            break
        time.sleep(0.01)
    time.sleep(delay)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def rows(path):
    found = [json.loads(line) for line in path.read_text().splitlines()]
    return [{name: value for name, value in row.items() if not name.startswith(TIMES)} for row in found]


def assert_same(one, other):
    for name in ("metrics.jsonl", "eval.jsonl", "samples.jsonl", "sft.jsonl"):
        assert rows(one / name) == rows(other / name), name
    for file in ("model.safetensors", "value_head.safetensors"):
        first, second = (load_file(run / f"checkpoint-{STEPS}" / file) for run in (one, other))
        for name, value in first.items():
            assert value.equal(second[name]), name


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("resume") / "undisturbed"
    finish(folder)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("num_rows", [0, 5])
def test_a_killed_run_ends_like_an_undisturbed_one(undisturbed, tmp_path, num_rows):
    kill_after(tmp_path / "run", num_rows, delay=random.Random(num_rows).random() * 0.2)
    finish(tmp_path / "run", "--resume")
    assert_same(undisturbed, tmp_path / "run")


@pytest.mark.slow
def test_a_corrupt_checkpoint_is_named_and_the_one_before_is_taken(undisturbed, tmp_path):
    folder = tmp_path / "run"
    finish(folder)
    weights = folder / f"checkpoint-{STEPS}" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100] + b"\0" * 100)
    said = finish(folder, "--resume")
    assert f"checkpoint-{STEPS} is skipped" in said
    assert_same(undisturbed, folder)
    superseded = folder / "superseded" / "metrics.jsonl"
    assert [row["step"] for row in rows(superseded)] == [7, 8]
