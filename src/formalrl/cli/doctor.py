"""`formalrl doctor`: versions, device, memory, and whether scored and sampled log-probabilities agree here."""

import importlib.util
import os
import platform
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from rich.table import Table
from rich.text import Text

from formalrl.cli.help import Command, show_help
from formalrl.cli.options import options_of, parse
from formalrl.cli.output import Outcome, results
from formalrl.errors import ConfigError

COMMAND = Command(
    "doctor",
    "[OPTIONS]",
    "Check this machine and this installation. The exit code is 1 when a check fails.",
    ("doctor", "doctor --json"),
)
CORE = ("formalrl", "torch", "transformers", "accelerate", "tokenizers", "safetensors", "numpy")
OPTIONAL = {
    "peft": "LoRA adapters",
    "bitsandbytes": "8- and 4-bit models",
    "datasets": "Hugging Face data sets as prompts",
    "pyarrow": "parquet files as prompts",
    "tensorboard": "--report-to tensorboard",
    "wandb": "--report-to wandb",
    "trackio": "--report-to trackio",
}
"""Package -> what it is for."""

STYLES = {"ok": "green", "absent": "dim", "warning": "yellow", "failed": "red"}


@dataclass(frozen=True)
class DoctorOptions:
    """Options of `formalrl doctor`."""

    checks: bool = True
    """Also sample with a tiny model of every architecture and score the samples again."""
    json: bool = False
    """Print one JSON object, {"ok": ..., "checks": [...]}, on standard output; all else goes to standard error."""


def run(arguments: Sequence[str]) -> Outcome:
    """Run the command."""
    listed = list(options_of(DoctorOptions))
    parsed = parse(arguments, listed, command="doctor")
    if parsed.help:
        return Outcome(lambda: show_help(results(), COMMAND, listed))
    if parsed.positionals:
        raise ConfigError(f"{parsed.positionals[0]!r} is one argument too many: doctor takes none.")
    options = DoctorOptions(**parsed.values)
    checks = [*package_checks(), *machine_checks()]
    if options.checks:
        from formalrl import api

        checks += api.doctor_checks()
    ok = all(check["status"] != "failed" for check in checks)
    data = {"ok": ok, "checks": checks} if options.json else None
    return Outcome(lambda: _show(checks), data, 0 if ok else 1)


def package_checks() -> list[dict[str, Any]]:
    """Return the version of every package, needed or optional."""
    checks = [{"name": "python", "status": "ok", "detail": platform.python_version()}]
    for name in CORE:
        found = _version(name)
        checks.append({"name": name, "status": "ok" if found else "failed", "detail": found or "not installed"})
    for name, purpose in OPTIONAL.items():
        found = _version(name) or ("installed" if importlib.util.find_spec(name) else None)
        detail = f"{found}, for {purpose}" if found else f"not installed; for {purpose}"
        checks.append({"name": name, "status": "ok" if found else "absent", "detail": detail})
    return checks


def machine_checks() -> list[dict[str, Any]]:
    """Return device, threads, and free memory and disk space."""
    import torch

    if torch.cuda.is_available():
        memory = torch.cuda.mem_get_info()
        device = f"{torch.cuda.get_device_name()}, {memory[0] / 2**30:.1f} of {memory[1] / 2**30:.1f} GiB free"
    else:
        device = "cpu (torch sees no CUDA device)"
    threads = f"{torch.get_num_threads()} of {os.cpu_count()} cores"
    disk = shutil.disk_usage(".").free / 2**30
    checks = [
        {"name": "device", "status": "ok", "detail": device},
        {"name": "threads", "status": "ok", "detail": threads},
        {"name": "free disk", "status": "ok" if disk > 1 else "warning", "detail": f"{disk:.1f} GiB here"},
    ]
    free = _free_memory()
    if free is not None:
        checks.append({"name": "free memory", "status": "ok" if free > 1 else "warning", "detail": f"{free:.1f} GiB"})
    return checks


def _free_memory() -> float | None:
    """GiB that programs can still take; None where the system does not say."""
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            found = [text for text in file if text.startswith("MemAvailable:")]
        return int(found[0].split()[1]) / 2**20 if found else None
    except OSError:
        return None


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _show(checks: Sequence[dict[str, Any]]) -> None:
    table = Table.grid(padding=(0, 3))
    for check in checks:
        status = str(check["status"])
        table.add_row(Text(str(check["name"])), Text(status, STYLES.get(status, "")), Text(str(check["detail"])))
    results().print(table)
