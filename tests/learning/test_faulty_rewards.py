"""Training with a reward of which 5 % of the calls fail ends where training with a sound one ends."""

from pathlib import Path

import pytest
import torch

from formalrl.api import train

TOY = str(Path(__file__).parents[1] / "toy_task.py")
KINDS = {"timeout", "crash", "bad_type", "not_finite"}


@pytest.mark.slow
def test_five_percent_of_faults_cost_no_accuracy(tmp_path):
    torch.set_num_threads(1)
    settings = {"max_steps": 120, "learning_rate": 3e-3, "eval_steps": 0, "algorithm": {"name": "grpo"}}
    sound = train(TOY, output_dir=str(tmp_path / "sound"), **settings)
    faulty = train(
        {"name": TOY, "faults": 0.05},
        output_dir=str(tmp_path / "faulty"),
        reward_workers=2,
        reward_timeout_s=0.1,
        **settings,
    )
    rows = faulty.metrics()
    rate = sum(row["reward/error_rate"] for row in rows) / len(rows)
    seen = {name.rpartition("/")[2] for row in rows for name, value in row.items() if "error_rate/" in name and value}
    print({"accuracy": (sound.summary["accuracy"], faulty.summary["accuracy"]), "error_rate": rate, "kinds": seen})
    assert 0.03 < rate < 0.08 and seen >= KINDS
    assert sound.summary["accuracy"] >= 0.9
    assert faulty.summary["accuracy"] >= sound.summary["accuracy"] - 0.05
