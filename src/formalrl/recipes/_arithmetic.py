"""What the recipes of the paper's arithmetic share."""

from typing import Any


def ppo_of_the_paper(**regularizers: dict[str, Any]) -> dict[str, Any]:
    """Return PPO as the paper runs it: four passes, clip 0.2, value head at 0.1, no KL penalty, every prompt alike.

    On the small model of the task's defaults, with a learning rate that suits it (the paper's 1.41e-5 is for 124 M
    parameters).
    """
    off = {"coef": 0.0, "coef_end": None, "coef_schedule": "constant"}
    return {
        "task": "arithmetic",
        "algorithm": {"name": "ppo", "num_ppo_epochs": 4, "epsilon": 0.2, "vf_coef": 0.1, "gamma": 1.0, "lam": 0.95},
        "regularizers": {name: off | regularizers.get(name, {}) for name in ("entropy", "batch_entropy")},
        "prompts_per_step": 64,
        "num_generations": 1,
        "max_at_k": 1,
        "prompt_selection": "uniform",
        "replay_fraction": 0.0,
        "learning_rate": 5e-4,
        "lr_scheduler_type": "constant",
        "warmup_steps": 0,
        "adam_beta2": 0.999,
        "max_grad_norm": 1.0,
        "max_steps": 200,
        "eval_steps": 100,
    }
