"""Checkpoint folders: written atomically, verified by checksum when read, old ones removed."""

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from safetensors import SafetensorError

from formalrl.errors import CheckpointError

MANIFEST = "integrity.json"
"""Name of the file that lists size and SHA-256 of all others; a folder without it is not a checkpoint."""
_PREFIX = "checkpoint-"
_UNFINISHED = ".unfinished-"


def write_folder(folder: Path, write: Callable[[Path], None]) -> None:
    """Fill `folder` by `write(temporary folder)` so that it exists whole or not at all; an older one is replaced.

    Raises:
        CheckpointError: the disk is full or cannot be written; what was there before is untouched.
    """
    unfinished = folder.with_name(f"{_UNFINISHED}{folder.name}")
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        unfinished.mkdir(parents=True)
        write(unfinished)
        _write_manifest(unfinished)
        _swap(unfinished, folder)
    except (OSError, SafetensorError) as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise CheckpointError(_why(folder, error)) from error


def _why(folder: Path, error: Exception) -> str:
    full = getattr(error, "errno", None) == errno.ENOSPC or "No space left" in str(error) or "code: 28" in str(error)
    reason = "the disk is full" if full else str(error)
    return (
        f"Cannot write {folder}: {reason}. Earlier checkpoints are untouched: free some space (or lower "
        "save_total_limit) and continue with --resume."
    )


def _write_manifest(folder: Path) -> None:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    entries = {str(path.relative_to(folder)): [path.stat().st_size, _sha256(path)] for path in files}
    (folder / MANIFEST).write_text(json.dumps(entries, indent=1))
    for path in [*files, folder / MANIFEST]:
        _sync(path)


def _swap(new: Path, folder: Path) -> None:
    """Rename `new` to `folder`; while an older `folder` is replaced it is kept under another name."""
    old = folder.with_name(f"{_UNFINISHED}old-{folder.name}")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    new.rename(folder)
    _sync(folder.parent)
    shutil.rmtree(old, ignore_errors=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fault(folder: Path) -> str | None:
    """Return what is wrong with a checkpoint folder in a few words, or None when it is whole."""
    try:
        entries = json.loads((folder / MANIFEST).read_text())
    except FileNotFoundError:
        return f"it has no {MANIFEST}"
    except (OSError, ValueError):
        return f"its {MANIFEST} cannot be read"
    for name, (size, digest) in entries.items():
        path = folder / name
        if not path.is_file():
            return f"{name} is missing"
        if path.stat().st_size != size:
            return f"{name} has {path.stat().st_size} of {size} bytes"
        if _sha256(path) != digest:
            return f"{name} is corrupt (checksum)"
    return None


def checkpoints(run_dir: Path) -> list[tuple[int, Path]]:
    """Return (step, folder) of every `checkpoint-N`, whole or not, in ascending order."""
    found = [(p.name.removeprefix(_PREFIX), p) for p in run_dir.glob(f"{_PREFIX}*") if p.is_dir()]
    return sorted((int(number), path) for number, path in found if number.isdecimal())


def newest_whole(run_dir: Path) -> tuple[Path | None, list[str]]:
    """Return the newest whole checkpoint, or None, and a sentence for each newer one that had to be skipped."""
    notes: list[str] = []
    for _, path in _newest_first(run_dir):
        problem = fault(path)
        if problem is None:
            return path, notes
        notes.append(f"{path.name} is skipped: {problem}.")
    return None, notes


def _newest_first(run_dir: Path) -> Iterator[tuple[int, Path]]:
    return reversed(checkpoints(run_dir))


def remove_old(run_dir: Path, keep: int) -> None:
    """Remove all but the newest `keep` checkpoints; `checkpoint-0`, the start, stays. 0 keeps all."""
    numbered = [path for step, path in checkpoints(run_dir) if step > 0]
    for path in numbered[:-keep] if keep else []:
        shutil.rmtree(path, ignore_errors=True)


def folder_of(run_dir: Path, step: int) -> Path:
    """Return the folder of the checkpoint of `step`."""
    return run_dir / f"{_PREFIX}{step}"
