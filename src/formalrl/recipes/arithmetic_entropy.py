"""The paper's first cure of the collapse: token entropy."""

from typing import Any

from formalrl.recipes._arithmetic import ppo_of_the_paper


def arithmetic_entropy() -> dict[str, Any]:
    """PPO with the paper's entropy coefficient, 0.3 (arXiv 2410.17126)."""
    return ppo_of_the_paper(entropy={"coef": 0.3})
