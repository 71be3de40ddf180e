"""What every benchmark says beside its numbers: versions, machine, commit; medians and spreads; the history file."""

import datetime
import json
import platform
import statistics
import subprocess
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent


def circumstances(packages: Sequence[str], threads: int) -> dict[str, Any]:
    """Return where and with what a benchmark runs."""
    return {
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "commit": _git("rev-parse", "--short", "HEAD") + ("+changes" if _git("status", "--porcelain", "src") else ""),
        "versions": {name: metadata.version(name) for name in packages} | {"python": platform.python_version()},
        "machine": {"processor": _processor(), "system": platform.system(), "threads": threads},
    }


def spread(seconds: Sequence[float]) -> dict[str, float]:
    """Return median, least, greatest and number of some timings."""
    return {
        "median": round(statistics.median(seconds), 4),
        "min": round(min(seconds), 4),
        "max": round(max(seconds), 4),
        "runs": len(seconds),
    }


def append_history(name: str, result: dict[str, Any]) -> Path:
    """Add a line to `history/<name>.jsonl`."""
    path = HERE / "history" / f"{name}.jsonl"
    path.parent.mkdir(exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(result, sort_keys=True) + "\n")
    return path


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=HERE, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()
