"""Every algorithm, with every placement of what it may need, learns the toy task from nothing in seconds."""

from pathlib import Path

import pytest
import torch

TOY = str(Path(__file__).parents[1] / "toy_task.py")


@pytest.mark.parametrize(
    "settings",
    [
        {"algorithm": {"name": "ppo"}},
        {"algorithm": {"name": "grpo"}},
        {"algorithm": {"name": "grpo", "loss_type": "dr_grpo", "scale_rewards": "none"}},
        {"algorithm": {"name": "grpo", "loss_type": "grpo", "scale_rewards": "batch"}, "dynamic_sampling": True},
        {"algorithm": {"name": "rloo"}},
        {"algorithm": {"name": "reinforce"}},
        {"algorithm": {"name": "grpo"}, "prompt_selection": "learnability"},
        {"algorithm": {"name": "grpo"}, "prompt_selection": "regret"},
    ],
    ids=["ppo", "grpo", "dr_grpo", "grpo_batch_dynamic", "rloo", "reinforce", "learnability", "regret"],
)
def test_solves_the_toy_task(tmp_path, settings):
    from formalrl.api import train

    torch.set_num_threads(1)
    run = train(TOY, output_dir=str(tmp_path / "run"), max_steps=220, eval_steps=0, learning_rate=3e-3, **settings)
    assert run.summary["accuracy"] >= 0.9
    assert run.summary["first"]["accuracy"] < 0.5
    assert run.summary["verdict"] == "healthy"
