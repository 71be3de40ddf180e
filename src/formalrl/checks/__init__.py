"""Find what is wrong with a task's reward before anything is trained: `check_reward(task).ok`."""

from formalrl.checks.report import CheckReport, Finding
from formalrl.checks.run import check_reward

__all__ = ["CheckReport", "Finding", "check_reward"]
