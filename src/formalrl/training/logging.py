"""The files of a run folder: one JSON object a line, flushed at once, cut back when a run is resumed."""

import json
import math
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

FILES = ("sft.jsonl", "metrics.jsonl", "eval.jsonl", "samples.jsonl")


def append(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Append rows as JSON lines; NaN and infinity become null, for readers in other languages."""
    text = "".join(json.dumps(_plain(row), ensure_ascii=False) + "\n" for row in rows)
    with path.open("a", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def read_rows(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a file, none where there is none; call `cut_after` first, which removes a torn last line."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def cut_after(run_dir: Path, step: int) -> int:
    """Move the rows of steps after `step` from the run's files to `superseded/`; return how many there were.

    A resumed run computes them again. A torn last line, which a kill leaves, is moved too. A negative `step` moves all,
    the warm start's rows included.
    """
    moved = 0
    for name in FILES if step < 0 else FILES[1:]:
        path = run_dir / name
        if not path.exists():
            continue
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)
        keep = [line for line in lines if _step_of(line) <= step]
        gone = [line for line in lines if _step_of(line) > step]
        if gone:
            _keep_superseded(run_dir, name, gone)
            _replace(path, "".join(keep))
            moved += len(gone)
    return moved


def _step_of(line: str) -> float:
    """The step of a JSON line; infinite for a torn one."""
    try:
        return json.loads(line)["step"] if line.endswith("\n") else math.inf
    except (ValueError, KeyError, TypeError):
        return math.inf


def _keep_superseded(run_dir: Path, name: str, lines: list[str]) -> None:
    folder = run_dir / "superseded"
    folder.mkdir(exist_ok=True)
    with (folder / name).open("a", encoding="utf-8") as file:
        file.write("".join(line if line.endswith("\n") else line + "\n" for line in lines))


def _replace(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}.new")
    temporary.write_text(text, encoding="utf-8")
    os.replace(temporary, path)
