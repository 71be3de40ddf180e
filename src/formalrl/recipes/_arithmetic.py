"""What all recipes for one-token arithmetic share: the small fresh model and its warm start."""

from typing import Any

MODEL: dict[str, Any] = {
    "preset": "small",
    "initializer_range": 0.08,
    "tie_word_embeddings": False,
}
WARM_START: dict[str, Any] = {
    "num_examples": 256,
    "num_epochs": 1,
    "batch_size": 8,
    "learning_rate": 1e-3,
    "warmup_ratio": 0.0,
    "weight_decay": 0.01,
    "loss_on": "text",
}
EVALUATION: dict[str, Any] = {"num_eval_prompts": 1024, "num_diagnostic_prompts": 64}


def ppo_of_the_paper(**regularizers: dict[str, Any]) -> dict[str, Any]:
    """Return PPO as the paper runs it (four passes, clip 0.2, value head at 0.1), less the KL penalty, on the small model.

    The learning rate is that of a model of 0.4 M parameters; the paper's 1.41e-5 is for 124 M.
    """
    return {
        "task": "arithmetic",
        "model": MODEL,
        "warm_start": WARM_START,
        "algorithm": {"name": "ppo", "num_ppo_epochs": 4, "epsilon": 0.2, "vf_coef": 0.1, "gamma": 1.0, "lam": 0.95},
        "regularizers": regularizers,
        "prompts_per_step": 128,
        "num_generations": 1,
        "learning_rate": 3e-4,
        "max_steps": 500,
        "eval_steps": 100,
        **EVALUATION,
    }
