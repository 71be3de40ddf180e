"""Arithmetic with the task's own settings, for longer."""

from typing import Any


def arithmetic_best() -> dict[str, Any]:
    """Our best recipe for one-token arithmetic: the task's own settings, 1,400 steps."""
    return {"task": "arithmetic", "max_steps": 1400, "eval_steps": 350}
