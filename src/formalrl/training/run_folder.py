"""The folder of a run: made once, never mixed with another run's, found again on resume."""

import platform
import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import torch

from formalrl.config import TrainConfig, load_config, to_dict, to_yaml
from formalrl.errors import ConfigError

CONFIG = "config.yaml"
MAY_CHANGE = (
    "output_dir",
    "max_steps",
    "save_steps",
    "save_total_limit",
    "report_to",
    "push_to_hub",
    "hub_model_id",
    "max_reward_error_rate",
    "reward_workers",
    "reward_timeout_s",
    "reward_memory_gib",
    "micro_batch_size",
)
"""Settings that a resumed run may change. (`max_steps` also stretches schedules.)"""
_PACKAGES = ("formalrl", "torch", "transformers", "accelerate", "tokenizers", "numpy", "peft")


def open_run_folder(config: TrainConfig, run_dir: Path, *, resume: bool) -> None:
    """Make the folder with `config.yaml`, or check that the one there belongs to the same run.

    Raises:
        ConfigError: it holds another run, a run but `resume` is not set, or something that is no run.
    """
    if run_dir.exists() and not run_dir.is_dir():
        raise ConfigError(
            f"output_dir {str(run_dir)!r} is a file, but a run needs a folder: choose another output_dir."
        )
    inside = [path for path in run_dir.iterdir() if not path.name.startswith(".")] if run_dir.is_dir() else []
    if (run_dir / CONFIG).exists():
        if not resume:
            raise ConfigError(
                f"{run_dir} already holds a run, and nothing is ever overwritten: continue it with --resume, or choose "
                "another --output-dir."
            )
        _check_same(config, run_dir)
    elif inside:
        raise ConfigError(
            f"{run_dir} is not empty and holds no run ({inside[0].name}, ...): choose another --output-dir."
        )
    write_config(config, run_dir)


def _check_same(config: TrainConfig, run_dir: Path) -> None:
    before, now = to_dict(load_config(run_dir / CONFIG)), to_dict(config)
    changed = [key for key in now if now[key] != before.get(key) and key not in MAY_CHANGE]
    if changed:
        key = changed[0]
        raise ConfigError(
            f"{run_dir} holds another run: its {key} is {before.get(key)!r}, not {now[key]!r}. Resume with the same "
            "settings, or choose another --output-dir."
        )


def write_config(config: TrainConfig, run_dir: Path) -> None:
    """Write the resolved configuration, with what it ran on in comments at its end."""
    try:
        run_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"output_dir {str(run_dir)!r} cannot be made ({error.strerror}): choose another output_dir."
        ) from error
    facts = "".join(f"# {name}: {value}\n" for name, value in environment().items())
    (run_dir / CONFIG).write_text(f"{to_yaml(config)}\n# Where it ran\n{facts}", encoding="utf-8")


def environment() -> dict[str, str]:
    """Return versions, commit and device, for config.yaml and `formalrl doctor`."""
    found = {"python": platform.python_version(), "platform": platform.platform(terse=True)}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    found["commit"] = _commit()
    found["device"] = torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu"
    found["threads"] = str(torch.get_num_threads())
    found["command"] = " ".join(sys.argv)
    return found


def _commit() -> str:
    """Return the commit that formalrl was run from; "unknown" outside a checkout."""
    done = subprocess.run(
        ["git", "-C", str(Path(__file__).parent), "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True
    )
    return done.stdout.strip() if done.returncode == 0 else "unknown"


def default_folder(config: TrainConfig) -> Path:
    """Return `runs/<task>/<algorithm>-seed<seed>`, numbered on where that exists."""
    plain = to_dict(config)
    name = re.sub(r"[^A-Za-z0-9_.-]+", "-", Path(plain["task"]["name"]).name.partition(".py")[0]).strip("-") or "task"
    base = Path("runs") / name / f"{plain['algorithm']['name']}-seed{config.seed}"
    number, folder = 1, base
    while folder.exists():
        number += 1
        folder = base.with_name(f"{base.name}-{number}")
    return folder
