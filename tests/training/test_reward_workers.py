"""A reward in workers: what hangs costs its own row, and training goes on."""

from pathlib import Path

import pytest
import torch

from formalrl.api import train

TOY = str(Path(__file__).parents[1] / "toy_task.py")


@pytest.mark.slow
def test_a_reward_that_hangs_on_some_completions_is_booked_and_training_goes_on(tmp_path):
    torch.set_num_threads(1)
    settings = {"output_dir": str(tmp_path / "run"), "max_steps": 2, "eval_steps": 0, "num_eval_prompts": 2}
    run = train({"name": TOY, "hanging": True}, reward_workers=2, reward_timeout_s=0.5, **settings)
    rates = [row["reward/error_rate/timeout"] for row in run.metrics() if "reward/error_rate/timeout" in row]
    assert rates
    assert all(row["reward/error_rate"] == row.get("reward/error_rate/timeout", 0.0) for row in run.metrics())
    assert all(row["reward/error_rate"] < 0.5 for row in run.metrics())
