"""Coefficients that follow a schedule over the run."""

import math
from typing import Literal

from formalrl.errors import ConfigError

Schedule = Literal["constant", "linear", "cosine"]
KNOWN = ("constant", "linear", "cosine")


def scheduled(coef: float, coef_end: float | None, schedule: Schedule, progress: float) -> float:
    """Return the coefficient at `progress` in [0, 1], which is cut to that range.

    linear: coef + (coef_end - coef) progress; cosine: coef_end + (coef - coef_end) (1 + cos(pi progress)) / 2.
    """
    if schedule == "constant" or coef_end is None:
        return coef
    progress = min(max(progress, 0.0), 1.0)
    share = progress if schedule == "linear" else (1.0 - math.cos(math.pi * progress)) / 2.0
    return coef + (coef_end - coef) * share


def is_on(coef: float, coef_end: float | None) -> bool:
    """Return whether the coefficient differs from 0 at either end."""
    return coef != 0 or bool(coef_end)


def check_schedule(coef: float, coef_end: float | None, schedule: Schedule) -> None:
    """Raise ConfigError unless the three settings make a schedule."""
    if schedule not in KNOWN:
        raise ConfigError(f"coef_schedule is {schedule!r}, but only {KNOWN} are known: set it to one of them.")
    for name, value in (("coef", coef), ("coef_end", coef_end)):
        if value is not None and not math.isfinite(value):
            raise ConfigError(f"{name} is {value!r}, but it multiplies the loss: set it to a finite number.")
    if schedule == "constant" and coef_end is not None:
        raise ConfigError(
            f"coef_end is {coef_end!r}, but a constant coefficient has no end: set coef_schedule to linear or cosine."
        )
    if schedule != "constant" and coef_end is None:
        raise ConfigError(f"coef_schedule is {schedule!r}, but coef_end is missing: set where the coefficient goes.")
