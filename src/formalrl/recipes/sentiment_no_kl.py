"""The paper's sentiment run without a KL penalty."""

from typing import Any

from formalrl.recipes._sentiment import sentiment_ppo


def sentiment_no_kl() -> dict[str, Any]:
    """PPO without a KL penalty: the reward rises fast, and the language is lost (arXiv 2410.17126, figure 4)."""
    return sentiment_ppo()
