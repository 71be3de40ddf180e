"""Reinforcement learning of language models with programmed rewards. Names load on first use: importing is quick."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from formalrl.api import Run as Run
    from formalrl.api import evaluate_folder as evaluate_folder
    from formalrl.api import train as train
    from formalrl.checks.run import check_reward as check_reward
    from formalrl.config import TrainConfig as TrainConfig
    from formalrl.errors import ConfigError as ConfigError
    from formalrl.errors import FormalRLError as FormalRLError
    from formalrl.tasks.user import UserTask as UserTask
    from formalrl.types import Completion as Completion
    from formalrl.types import Prompt as Prompt
    from formalrl.types import Rollout as Rollout
    from formalrl.types import Score as Score
    from formalrl.types import Task as Task

__version__ = "0.1.0"

_HOMES = {
    "TrainConfig": "formalrl.config",
    "ConfigError": "formalrl.errors",
    "FormalRLError": "formalrl.errors",
    "UserTask": "formalrl.tasks.user",
    "Run": "formalrl.api",
    "evaluate_folder": "formalrl.api",
    "train": "formalrl.api",
    "check_reward": "formalrl.checks.run",
    "Completion": "formalrl.types",
    "Prompt": "formalrl.types",
    "Rollout": "formalrl.types",
    "Score": "formalrl.types",
    "Task": "formalrl.types",
}
"""Public name -> the module that defines it."""

__all__ = ["__version__", *sorted(_HOMES)]  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'formalrl' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
