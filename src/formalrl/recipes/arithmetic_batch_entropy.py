"""The paper's second cure of the collapse: batch entropy."""

from typing import Any

from formalrl.recipes._arithmetic import ppo_of_the_paper


def arithmetic_batch_entropy() -> dict[str, Any]:
    """PPO with the paper's batch entropy coefficient, 0.3 (arXiv 2410.17126)."""
    return ppo_of_the_paper(batch_entropy={"coef": 0.3})
