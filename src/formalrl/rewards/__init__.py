"""Rewards: text in, score out. Plain Python; nothing here imports torch, so workers start in milliseconds."""

from collections.abc import Mapping
from typing import Any, Protocol

SUPPORT = ("cache", "call", "classifier", "expressions", "sandbox", "scorers", "signature", "weighted")
"""Modules of this folder that are not rewards."""


class Reward(Protocol):
    """What a file of this folder defines: a frozen dataclass with this method, or a function of the file's name."""

    def __call__(self, prompt: str, completion: str, **columns: Any) -> float | Mapping[str, float]:
        """Score one completion: a float, or a dict with `reward` (or `score`) and named parts."""
        ...
