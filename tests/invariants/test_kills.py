"""A trainer killed again and again, reward workers and all, ends with the numbers of one that was left alone."""

import json
import os
import random
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest
from safetensors.torch import load_file

TOY = str(Path(__file__).parents[1] / "toy_task.py")
NUM_KILLS = int(os.environ.get("FORMALRL_KILLS", "2"))
PAUSE = 0.005  # of each of a step's 64 calls, on two workers: a step takes 0.16 s or more
LATEST = 0.5  # seconds after the first step
STEPS = (2 + int(LATEST / (32 * PAUSE))) * NUM_KILLS + 2  # more than the killed runs can reach
TIMES = ("time/", "throughput/", "memory/")


def start(folder, mark, *more):
    """Start a run of few steps with a checkpoint at each and two reward workers."""
    options = ["--output-dir", str(folder), "--max-steps", str(STEPS), "--save-steps", "1", "--eval-steps", "0"]
    options += ["--reward-workers", "2", "--task.pause", str(PAUSE)]
    command = [sys.executable, "-m", "formalrl", "train", TOY, *options, *more]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "FORMALRL_TEST_MARK": mark}
    with open(f"{folder}.log", "ab") as log:
        return subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)


def num_rows(folder):
    path = folder / "metrics.jsonl"
    return path.read_bytes().count(b"\n") if path.exists() else 0


def written(folder):
    """When the log of metrics was last written."""
    path = folder / "metrics.jsonl"
    return (path.stat().st_mtime_ns, path.stat().st_size) if path.exists() else None


def marked(mark):
    """Return the processes that carry the mark in their environment."""
    wanted = f"FORMALRL_TEST_MARK={mark}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if wanted in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def kill(folder, mark, draw, *more):
    """Kill a run with -9 a random while after its workers came up; return how many processes it had.

    A run that resumes cuts its log back to the checkpoint before it has any worker: its log alone says too little.
    """
    before, process = written(folder), start(folder, mark, *more)
    until = time.monotonic() + 200
    while process.poll() is None and time.monotonic() < until and (written(folder) == before or len(marked(mark)) < 2):
        time.sleep(0.005)
    time.sleep(draw.random() * LATEST)
    assert process.poll() is None, Path(f"{folder}.log").read_text()[-2000:]
    num_processes = len(marked(mark))
    os.kill(process.pid, signal.SIGKILL)  # the trainer alone: its workers must notice by themselves
    process.wait()
    return num_processes


def rows(path):
    found = [json.loads(line) for line in path.read_text().splitlines()]
    return [{name: value for name, value in row.items() if not name.startswith(TIMES)} for row in found]


@pytest.mark.slow
@pytest.mark.timeout(280 + 100 * NUM_KILLS)
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks for processes in /proc")
def test_kills_at_random_moments_change_nothing_and_leave_no_process(tmp_path):
    draw = random.Random(0)
    undisturbed, run = tmp_path / "undisturbed", tmp_path / "run"
    assert start(undisturbed, uuid.uuid4().hex).wait() == 0
    for number in range(NUM_KILLS):
        mark = uuid.uuid4().hex
        assert kill(run, mark, draw, *(["--resume"] if number else [])) >= 2  # trainer and keeper
        until = time.monotonic() + 5
        while (left := marked(mark)) and time.monotonic() < until:
            time.sleep(0.05)
        assert not left
    assert num_rows(run) < STEPS
    assert start(run, uuid.uuid4().hex, "--resume").wait() == 0
    assert rows(run / "metrics.jsonl") == rows(undisturbed / "metrics.jsonl")
    one, other = (load_file(folder / f"checkpoint-{STEPS}" / "model.safetensors") for folder in (run, undisturbed))
    assert one.keys() == other.keys() and all(value.equal(other[name]) for name, value in one.items())


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="forks a process that holds torch")
def test_a_kill_at_any_stage_of_a_checkpoint_write_changes_nothing(tmp_path):
    environment = os.environ | {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": "", "TOKENIZERS_PARALLELISM": "false"}
    command = [sys.executable, str(Path(__file__).with_name("kill_in_write.py")), str(tmp_path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=580)
    assert done.returncode == 0, done.stderr[-3000:]
    stages = {found["stage"]: found for found in map(json.loads, done.stdout.splitlines())}
    for kind, least in {"best-operation": 15, "best-byte": 4, "numbered-operation": 10, "numbered-byte": 4}.items():
        assert sum(stage.startswith(kind) for stage in stages) >= least, kind
    assert [stage for stage, found in stages.items() if not found["same"] or found["notes"]] == []
    assert {found["from"] for stage, found in stages.items() if "-byte-" in stage} == {"checkpoint-2"}
    begun = [found for stage, found in stages.items() if stage.startswith("numbered-operation")]
    assert [found["from"] for found in begun] == sorted(found["from"] for found in begun)  # the old one, then the new
    assert {found["from"] for found in begun} == {"checkpoint-2", "checkpoint-3"}
    unfinished = [name for found in stages.values() for name in found["before"] if name.startswith(".unfinished")]
    assert {".unfinished-checkpoint-3", ".unfinished-best", ".unfinished-old-best"} <= set(unfinished)
