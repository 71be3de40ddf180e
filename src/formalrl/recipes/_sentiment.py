"""What the recipes of the paper's sentiment task share."""

from typing import Any


def sentiment_ppo(**kl: Any) -> dict[str, Any]:
    """Return PPO as the paper runs it on sentiment: four passes, clip 0.2, value head at 0.1, one completion a prompt.

    On the small model and the corpus of the task's defaults, with a batch and a learning rate that suit them (the
    paper's are 256 and 1.41e-5, for 124 M parameters). `kl`: settings of the KL penalty; none turns it off.
    """
    return {
        "task": "sentiment",
        "algorithm": {"name": "ppo", "num_ppo_epochs": 4, "epsilon": 0.2, "vf_coef": 0.1, "gamma": 1.0, "lam": 0.95},
        "regularizers": {"kl": {"coef": 0.0, **kl}},
        "prompts_per_step": 128,
        "num_generations": 1,
        "learning_rate": 2e-4,
        "max_steps": 60,
        "eval_steps": 20,
    }
