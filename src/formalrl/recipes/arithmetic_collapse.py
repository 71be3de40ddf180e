"""The paper's collapse: PPO without any entropy term."""

from typing import Any

from formalrl.recipes._arithmetic import ppo_of_the_paper


def arithmetic_collapse() -> dict[str, Any]:
    """PPO without entropy terms: the policy ends with a handful of answers (arXiv 2410.17126)."""
    return ppo_of_the_paper()
