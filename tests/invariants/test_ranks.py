"""Two processes give what one gives: gradients to 1e-6, metrics to 1e-5 over the first steps."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

TESTS = Path(__file__).parents[1]
TOY = str(TESTS / "toy_task.py")
UNCOMPARED = ("time/", "throughput/", "memory/")


def run(*command):
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, *command], env=environment, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.mark.slow
@pytest.mark.parametrize("algorithm", ["grpo", "ppo"])
def test_two_ranks_give_the_gradients_of_one(tmp_path, algorithm):
    script = str(TESTS / "invariants" / "rank_gradients.py")
    for ranks in (1, 2):
        start = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2"] if ranks == 2 else []
        run(*start, script, TOY, algorithm, str(tmp_path / f"{ranks}.pt"))
    one, two = (torch.load(tmp_path / f"{ranks}.pt") for ranks in (1, 2))
    assert (one["ranks"], two["ranks"]) == (1, 2)
    assert one["rows"] == two["rows"]
    for name, gradient in one["gradients"].items():
        assert torch.allclose(two["gradients"][name], gradient, atol=1e-6, rtol=1e-4), name


@pytest.mark.slow
@pytest.mark.parametrize("grammar", [False, True])
def test_two_ranks_give_the_metrics_of_one(tmp_path, grammar):
    for ranks in (1, 2):
        options = ["--output-dir", str(tmp_path / str(ranks)), "--max-steps", "5", "--eval-steps", "0"]
        options += ["--regularizers.batch-entropy.coef", "0.2", "--dynamic-sampling", "--task.length", "2"]
        options += ["--task.stepwise", "--algorithm.credit", "steps"]
        options += ["--curriculum.advance-at", "0.05", "--curriculum.window", "2"]
        options += ["--regularizers.pointwise-information.coef", "0.1", "--exploration.top-entropy", "0.5"]
        options += ["--regularizers.kl.coef", "0.1", "--regularizers.kl.certainty-power", "2"]
        options += ["--grammar"] if grammar else []
        start = ["-m", "accelerate.commands.launch", "--num_processes", "2"] if ranks == 2 else []
        run(*start, "-m", "formalrl", "train", TOY, *options)
    one, two = (rows(tmp_path / str(ranks) / "metrics.jsonl") for ranks in (1, 2))
    assert len(one) == len(two) == 5
    for first, second in zip(one, two, strict=True):
        names = [name for name in first if not name.startswith(UNCOMPARED)]
        assert {n: first[n] for n in names} == pytest.approx({n: second[n] for n in names}, abs=1e-5, rel=1e-5)
    first, second = (rows(tmp_path / str(ranks) / "eval.jsonl")[-1] for ranks in (1, 2))
    assert first["accuracy"] == pytest.approx(second["accuracy"], abs=1e-5)


def rows(path):
    return [json.loads(line) for line in path.read_text().splitlines()]
