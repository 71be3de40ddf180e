"""From the arguments of `formalrl sweep` to the sweep they mean, with every run's configuration resolved."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from formalrl.cli.options import Option
from formalrl.cli.settings import read_request
from formalrl.config import TrainConfig
from formalrl.config_parts import merge, nested, task_name
from formalrl.errors import ConfigError
from formalrl.experiments.sweep import (
    OWN_KEYS,
    SWEEP,
    Sweep,
    SweepRun,
    configurations,
    read_sweep_file,
    short_keys,
    sweep_from,
)
from formalrl.recipes.load import load_recipe

_SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True)
class SweepOptions:
    """What `formalrl sweep` takes beside the settings that all its runs share."""

    grid: tuple[str, ...] = ()
    """KEY=V1,V2 ...: settings to vary, in every combination; values as in YAML, lists and mappings in brackets."""
    seeds: str | None = None
    """How many seeds (5 is 0 to 4), or which, such as 0,3,7; none: the file's, else 5."""
    jobs: int | None = None
    """Runs at once; none: one a core, fewer while memory is short (with ray: as many as the cluster holds)."""
    threads: int | None = None
    """Threads of the CPU for a run; none: cores / jobs, at least 1, and on resuming what the sweep began with."""
    launcher: Literal["local", "ray"] = "local"
    """Where runs start: on this machine, or on a Ray cluster that shares its files (`pip install 'formalrl[ray]'`)."""
    gpus_per_run: float = 0.0
    """GPUs that Ray sets aside for a run; parts of one are fine."""
    output_dir: str | None = None
    """The sweep's folder; none: runs/<task>/<file's name>, or runs/<task>/sweep-<keys>. The same again continues it."""
    config: str | None = None
    """A YAML or JSON file of settings that all runs share, or a run folder; options given here go above it."""
    recipe: str | None = None
    """Start from the settings of a recipe, by name or as file.py[:function]."""
    reward_file: str | None = None
    """file.py[:name] of the reward, when TASK is a data file or a Hugging Face data set."""
    data: str | None = None
    """A data file or data set with the prompts of the task file."""
    dry_run: bool = False
    """Show the runs and their settings, start none, and stop."""
    json: bool = False
    """Print one JSON object, the summary, on standard output, and everything else on standard error."""


@dataclass(frozen=True)
class SweepRequest:
    """What the arguments ask for."""

    sweep: Sweep | None
    """None when only the help is asked for."""
    root: Path
    """The sweep's folder."""
    runs: Sequence[tuple[SweepRun, TrainConfig]]
    command: Mapping[str, Any]
    """Values of SweepOptions, defaults included."""
    options: Sequence[Option]
    """Every option that the command has with this task and this algorithm."""


def read_sweep_request(arguments: Sequence[str]) -> SweepRequest:
    """Return what the arguments ask for, every configuration checked. Raises ConfigError."""
    entries, rest = _grid_entries(arguments)
    file, rest = _source(rest)
    content = read_sweep_file(file) if file else {}
    request = read_request(rest, "sweep", SweepOptions, _file_layers(content))
    command = request.command
    if request.help or request.config is None:
        return SweepRequest(None, Path(), (), command, request.options)
    options = {option.key: option for option in request.options}
    grid = {**(content.get("grid") or {}), **dict(_grid_entry(entry, options) for entry in entries)}
    own = {key: content[key] for key in ("runs", "seeds", "threads") if content.get(key) is not None}
    own |= {key: command[key] for key in ("seeds", "threads") if command[key] is not None}
    sweep = sweep_from({**_base(request.layers), **own, "grid": grid})
    root = _root(file, content, command, sweep, request.config)
    return SweepRequest(sweep, root, configurations(sweep, root), command, request.options)


def _grid_entries(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Split off what follows every `--grid`, so that it may be given more than once and before the task."""
    entries: list[str] = []
    rest: list[str] = []
    tokens = list(arguments)
    while tokens:
        token = tokens.pop(0)
        if token.startswith("--grid="):
            entries.append(token.removeprefix("--grid="))
        elif token != "--grid":
            rest.append(token)
        else:
            found = len(entries)
            while tokens and not tokens[0].startswith("--") and "=" in tokens[0]:
                entries.append(tokens.pop(0))
            if len(entries) == found:
                raise ConfigError(
                    "--grid has no value: write `--grid KEY=V1,V2`, as in `--grid learning_rate=1e-3,1e-4`."
                )
    return entries, rest


def _grid_entry(entry: str, options: Mapping[str, Option]) -> tuple[str, list[Any]]:
    key, _, text = entry.partition("=")
    key = key.strip().removeprefix("--").replace("-", "_")
    try:
        values = yaml.safe_load(f"[{text}]")
    except yaml.YAMLError:
        values = None
    if not key or not values:
        raise ConfigError(f"{entry!r} is no part of a grid: write KEY=V1,V2, as in `--grid learning_rate=1e-3,1e-4`.")
    if key in options and options[key].takes_none:
        values = [None if value == "none" else value for value in values]
    return key, values


def _source(arguments: Sequence[str]) -> tuple[Path | None, list[str]]:
    """The sweep file or the sweep's folder, where the first argument is one, and the other arguments."""
    if arguments and not arguments[0].startswith("-"):
        path = Path(arguments[0]).expanduser()
        if path.suffix.lower() in _SUFFIXES or (path / SWEEP).is_file():
            return path, list(arguments[1:])
    return None, list(arguments)


def _file_layers(content: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    recipe = content.get("recipe")
    settings = {key: value for key, value in content.items() if key not in OWN_KEYS}
    return [*([load_recipe(str(recipe))] if recipe else []), *([settings] if settings else [])]


def _base(layers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The layers in one, without what a sweep sets for each run."""
    base: dict[str, Any] = {}
    for layer in layers:
        base = merge(base, nested(layer))
    return {key: value for key, value in base.items() if key not in ("seed", "output_dir")}


def _root(
    file: Path | None, content: Mapping[str, Any], command: Mapping[str, Any], sweep: Sweep, config: TrainConfig
) -> Path:
    if command["output_dir"] or content.get("output_dir"):
        return Path(command["output_dir"] or str(content["output_dir"]))
    if file is not None and file.is_dir():
        return file
    keys = "+".join(short_keys(list(sweep.grid)).values())
    name = file.stem if file is not None else f"sweep-{keys}" if keys else "sweep"
    return Path("runs") / task_name(config.task) / re.sub(r"[^A-Za-z0-9_.+-]+", "-", name)
