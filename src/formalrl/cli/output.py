"""Where the command line writes: results to standard output, everything else to standard error."""

import json
import math
import os
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from typing import Any

from rich.console import Console


@dataclass(frozen=True)
class Outcome:
    """What a command came to; nothing of it has been printed yet."""

    show: Callable[[], None] = lambda: None
    """Prints it for people."""
    data: Mapping[str, Any] | None = None
    """The JSON object, where --json was given; printed instead."""
    code: int = 0
    """The exit code."""

    def print(self) -> int:
        """Print it and return the exit code."""
        if self.data is not None:
            print_json(self.data)
        else:
            self.show()
        return self.code


def results() -> Console:
    """Return the console for what a command was asked for."""
    return Console(highlight=False)


def progress() -> Console:
    """Return the console for what happens meanwhile."""
    return Console(stderr=True, highlight=False)


@contextmanager
def stdout_to_stderr() -> Iterator[None]:
    """Send what anybody prints, child processes included, to standard error."""
    sys.stdout.flush()
    saved = os.dup(1)
    os.dup2(2, 1)
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        os.dup2(saved, 1)
        os.close(saved)


def print_json(value: Any) -> None:
    """Print one JSON object on one line; numbers that JSON lacks become null."""
    sys.stdout.write(json.dumps(_finite(value), ensure_ascii=False, allow_nan=False, default=str) + "\n")
    sys.stdout.flush()


def is_main_process() -> bool:
    """Return whether this is the process of several that talks."""
    return os.environ.get("RANK", "0") == "0"


def quiet_third_parties() -> None:
    """Turn off advice of libraries that is not about the run, by their own settings; the user's settings stand."""
    os.environ.setdefault("TRANSFORMERS_NO_ADVISORY_WARNINGS", "1")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")


@contextmanager
def warnings_in_one_line() -> Iterator[None]:
    """Print warnings as `warning: text`, without the line of code that raised them."""
    before = warnings.formatwarning
    warnings.formatwarning = lambda message, *_, **__: f"warning: {message}\n"
    try:
        yield
    finally:
        warnings.formatwarning = before


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
