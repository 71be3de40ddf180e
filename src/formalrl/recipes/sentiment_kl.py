"""The paper's sentiment run with its KL penalty."""

from typing import Any

from formalrl.recipes._sentiment import sentiment_ppo


def sentiment_kl() -> dict[str, Any]:
    """PPO with KL to the reference in the reward, 0.2 at first, steered to 6 nats a completion (arXiv 2410.17126)."""
    return sentiment_ppo(coef=0.2, placement="reward", target=6.0, horizon=10_000)
