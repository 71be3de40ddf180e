"""Every algorithm, with every placement of what it may need, learns the toy task from nothing in seconds."""

from pathlib import Path

import pytest
import torch

TOY = str(Path(__file__).parents[1] / "toy_task.py")


@pytest.mark.parametrize(
    "settings",
    [
        {"algorithm": {"name": "ppo"}, "learning_rate": 1e-3, "max_steps": 100},
        {"algorithm": {"name": "grpo"}},
        {"algorithm": {"name": "grpo", "loss_type": "dr_grpo", "scale_rewards": "none"}},
        {
            "algorithm": {"name": "grpo", "loss_type": "grpo", "scale_rewards": "batch"},
            "dynamic_sampling": True,
            "max_steps": 250,
        },
        {"algorithm": {"name": "rloo"}},
        {"algorithm": {"name": "reinforce"}},
        {"algorithm": {"name": "grpo"}, "prompt_selection": "learnability"},
        {"algorithm": {"name": "grpo"}, "prompt_selection": "regret"},
    ],
    ids=["ppo", "grpo", "dr_grpo", "grpo_dynamic", "rloo", "reinforce", "learnability", "regret"],
)
def test_solves_the_toy_task(tmp_path, settings):
    from formalrl.api import train

    torch.set_num_threads(1)
    chosen = {"max_steps": 160, "learning_rate": 3e-3, "eval_steps": 0} | settings
    run = train(TOY, output_dir=str(tmp_path / "run"), **chosen)
    assert run.summary["accuracy"] >= 0.7  # a constant answer is right on 0.125 of the prompts
    assert run.summary["first"]["accuracy"] < 0.5
    assert run.summary["verdict"] in ("healthy", "learning")
