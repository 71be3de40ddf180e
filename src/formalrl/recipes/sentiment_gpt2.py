"""The paper's sentiment run itself: GPT-2 fine-tuned on IMDB. Needs the hub (or its cache) and, better, a GPU."""

from typing import Any

from formalrl.recipes._sentiment import sentiment_ppo


def sentiment_gpt2() -> dict[str, Any]:
    """PPO on `lvwerra/gpt2-imdb` with IMDB reviews as the paper runs it; `--regularizers.kl.coef 0`: without KL."""
    return sentiment_ppo(coef=0.2, placement="reward", target=6.0, horizon=10_000) | {
        "task": "sentiment",
        "model_name_or_path": "lvwerra/gpt2-imdb",
        "prompts_per_step": 256,
        "learning_rate": 1.41e-5,
        "max_steps": 100,
        "eval_steps": 25,
    }
