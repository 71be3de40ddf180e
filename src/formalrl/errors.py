"""Errors that formalrl raises on purpose. Every message says what - why - what to do."""

import difflib
from collections.abc import Iterable


class FormalRLError(Exception):
    """Base of all of them; the command line prints it in one line and exits with code 2."""


class ConfigError(FormalRLError, ValueError):
    """A setting, or a combination of settings, that cannot work. Raised before a model is loaded."""


class PartNotFoundError(ConfigError):
    """No task, reward, algorithm, regularizer, sampler or recipe has this name."""


class EngineError(FormalRLError, RuntimeError):
    """A game engine could not be started or used."""


class RewardError(FormalRLError, RuntimeError):
    """The reward failed so often, or in such a way, that training must stop."""


class CheckpointError(FormalRLError, RuntimeError):
    """A checkpoint is torn, corrupt, missing, or could not be written."""


class ModelError(FormalRLError, RuntimeError):
    """A model or a data set could not be loaded."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Return `" Did you mean 'x'?"` for the closest known name, or an empty string."""
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f" Did you mean {close[0]!r}?" if close else ""
