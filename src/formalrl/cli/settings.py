"""From the arguments of `train` and `sft` to the resolved configuration, and the options that such a run has."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from formalrl import plugins
from formalrl.cli.options import Option, Parsed, options_of, parse
from formalrl.config import TrainConfig, read_settings, resolve
from formalrl.config_parts import PARTS, REGULARIZERS, SECTIONS, TaskSource, merge, nested, spec_of
from formalrl.errors import ConfigError
from formalrl.recipes.load import load_recipe

_NO_TASK = TaskSource("no task")
_ALIASES = {"reward_file": "task.reward_file", "data": "task.data"}


@dataclass(frozen=True)
class CommandOptions:
    """What `train` and `sft` take beside the settings of the run."""

    config: str | None = None
    """A YAML or JSON file of settings, or a run folder; options given here go above it."""
    recipe: str | None = None
    """Start from the settings of a recipe, by name or as file.py[:function]."""
    dry_run: bool = False
    """Print the resolved configuration as YAML, load no model, and stop."""
    resume: bool = False
    """Continue the run in --output-dir from its newest whole checkpoint, with its settings."""
    json: bool = False
    """Print one JSON object, the summary, on standard output, and everything else on standard error."""
    reward_file: str | None = None
    """file.py[:name] of the reward, when TASK is a data file or a Hugging Face data set."""
    data: str | None = None
    """A data file or data set with the prompts of the task file."""


@dataclass(frozen=True)
class Request:
    """What the arguments ask for."""

    config: TrainConfig | None
    """None when only the help is asked for."""
    command: Mapping[str, Any]
    """Values of the command's own options, defaults included."""
    options: tuple[Option, ...]
    """Every option that this task and this algorithm have."""
    help: bool = False
    layers: tuple[Mapping[str, Any], ...] = ()
    """The settings as they were given, plain, later ones above; `resolve(*layers)` is the configuration."""


def read_request(
    arguments: Sequence[str], command: str, own: type = CommandOptions, below: Sequence[Mapping[str, Any]] = ()
) -> Request:
    """Return what the arguments ask for. Raises ConfigError.

    Options of the task and of the algorithm depend on which they are, so the arguments are read twice: once for the
    names, once for all.

    Args:
        arguments: the argument list after the command.
        command: its name.
        own: a dataclass of what the command takes beside the settings of a run.
        below: settings under those of the arguments, later ones above.
    """
    first = parse(arguments, list(_options(TrainConfig(_NO_TASK), command, own)), command=command, lenient=True)
    layers = [*map(dict, below), *_layers(first, command)]
    named = {key: first.values[key] for key in ("algorithm", "model_name_or_path") if key in first.values}
    known = nested(layers[0]) if layers else {}
    for layer in layers[1:]:
        known = merge(known, nested(layer))
    if known.get("task") is None:
        if not first.help:
            raise ConfigError(_no_task(command))
        return Request(None, {}, tuple(_options(TrainConfig(_NO_TASK, **named), command, own)), help=True)
    base = resolve(*layers, named)
    options = tuple(_options(base, command, own))
    parsed = parse(arguments, options, command=command)
    command_keys = {field.name for field in dataclasses.fields(own)}
    settings = {key: value for key, value in parsed.values.items() if key not in command_keys}
    given = (*layers, settings)
    if not any(key.startswith("task.") for key in parsed.values):
        layers.append({"task": base.task})  # what has run already is not run again
    config = None if parsed.help else resolve(*layers, settings)
    chosen = {f.name: parsed.values.get(f.name, f.default) for f in dataclasses.fields(own)}
    return Request(config, chosen, options, parsed.help, given)


def _no_task(command: str) -> str:
    known = ", ".join(plugins.names("task")) or "my_task.py"
    return (
        f"no task is given, so there is nothing to train on: name one ({known}), or a file of your own, as in"
        f" `formalrl {command} {plugins.names('task')[0] if plugins.names('task') else 'my_task.py'}`."
    )


def _layers(parsed: Parsed, command: str) -> list[dict[str, Any]]:
    """Recipe, configuration file (or that of the resumed run) and task: the settings below the command line's own."""
    if len(parsed.positionals) > 1:
        extra = parsed.positionals[1]
        raise ConfigError(f"{extra!r} is one argument too many: {command} takes one task; options begin with --.")
    layers: list[dict[str, Any]] = []
    if parsed.values.get("recipe"):
        layers.append(load_recipe(parsed.values["recipe"]))
    if parsed.values.get("config"):
        layers.append(read_settings(parsed.values["config"]))
    if parsed.values.get("resume"):
        output_dir = parsed.values.get("output_dir")
        if output_dir is None:
            raise ConfigError("--resume continues a run, but not which one: add --output-dir with its folder.")
        if not layers and (Path(output_dir) / "config.yaml").is_file():
            layers.append(read_settings(output_dir))
    sources = {alias: parsed.values[key] for alias, key in _ALIASES.items() if key in parsed.values}
    task = {"name": parsed.positionals[0]} if parsed.positionals else {}
    if task or sources:
        layers.append({"task": task | sources})
    return layers


def _options(config: TrainConfig, command: str, own: type) -> Iterator[Option]:
    """Every option of a run with this task and this algorithm; the values of `config` are the defaults."""
    for option in options_of(own, section="the command", skip=("resume",) if command == "sft" else ()):
        yield dataclasses.replace(option, alias_of=_ALIASES.get(option.key, ""))
    others = {field.name for field in dataclasses.fields(own)}
    taken = (*others, "seed") if "seeds" in others else others
    nested_keys = (*PARTS, REGULARIZERS, *SECTIONS, *taken)
    names = "|".join(plugins.names("algorithm"))
    algorithm = spec_of("algorithm", config.algorithm)
    yield Option("algorithm", str, algorithm, f"How rewards become updates: {names}, or one of your own.", "the run")
    yield from options_of(TrainConfig, config, section="the run", skip=nested_keys)
    if config.task is not _NO_TASK:
        task = config.task.task if isinstance(config.task, TaskSource) else config.task
        yield from _part_options("task", task, "the task")
    yield from _part_options("algorithm", config.algorithm, f"the algorithm ({algorithm})")
    for name, part in config.regularizers.items():
        yield from _part_options(f"{REGULARIZERS}.{name}", part, f"regularizer {name}")
    yield from _part_options("model", config.model, "the model")
    yield from _part_options("warm_start", config.warm_start, "the warm start")
    yield from _part_options("curriculum", config.curriculum, "the curriculum")
    yield from _part_options("exploration", config.exploration, "exploration")


def _part_options(key: str, part: Any, section: str) -> Iterator[Option]:
    if dataclasses.is_dataclass(part) and not hasattr(part, "reward_function"):
        yield from options_of(type(part), part, prefix=f"{key}.", section=section)
