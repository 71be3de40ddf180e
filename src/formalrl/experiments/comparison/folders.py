"""Find the run folders in a folder, such as that of a sweep, and read them."""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from formalrl.errors import ConfigError
from formalrl.experiments.runs import CONFIG, EVALS, METRICS, RunFolder, read_run

MAX_DEPTH = 3
"""Folders above a run that are looked through."""


def is_run(folder: Path) -> bool:
    """Return whether a folder is that of a run that has begun. A checkpoint in one is none."""
    return (folder / CONFIG).is_file() and any((folder / name).is_file() for name in (METRICS, EVALS))


def find_runs(paths: Iterable[str | Path]) -> list[Path]:
    """Return the run folders at `paths` and in them, at most MAX_DEPTH below, each once, in the order of their names.

    Raises ConfigError for a path that is no folder or leads to no run.
    """
    found: dict[Path, Path] = {}
    for path in paths:
        folder = Path(path).expanduser()
        if not folder.is_dir():
            what = "is a file" if folder.exists() else "does not exist"
            raise ConfigError(f"{str(path)!r} {what}: name folders of runs, or one that holds such folders.")
        runs = list(_below(folder, MAX_DEPTH))
        if not runs:
            raise ConfigError(
                f"{str(path)!r} holds no run, nor do its folders {MAX_DEPTH} levels down: name the folder of a run or"
                " of a sweep."
            )
        found |= {run.resolve(): run for run in runs if run.resolve() not in found}
    return list(found.values())


def not_begun(paths: Iterable[str | Path]) -> list[Path]:
    """Return folders in `paths` that have the settings of a run and no step of it, as where it failed at its start."""
    found = (folder for path in paths for folder in _folders(Path(path).expanduser(), MAX_DEPTH))
    return [folder for folder in found if (folder / CONFIG).is_file() and not is_run(folder)]


def read_runs(folders: Iterable[Path]) -> list[RunFolder]:
    """Return what the run folders hold."""
    return [read_run(folder) for folder in folders]


def _below(folder: Path, depth: int) -> Iterator[Path]:
    """Yield the runs in `folder`; what lies in a run (checkpoints) is none of its own."""
    return (found for found in _folders(folder, depth) if is_run(found))


def _folders(folder: Path, depth: int) -> Iterator[Path]:
    """Yield `folder` and the folders in it, in the order of their names, but none in the folder of a run."""
    yield folder
    if depth and not (folder / CONFIG).is_file():
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries if entry.is_dir() and not entry.name.startswith(".")]
        for name in sorted(names, key=_natural):
            yield from _folders(folder / name, depth - 1)


def _natural(name: str) -> list[tuple[bool, int, str]]:
    """Order `seed-10` after `seed-9`."""
    parts = re.split(r"(\d+)", name)
    return [(number % 2 == 0, int(part) if number % 2 else 0, part) for number, part in enumerate(parts)]
