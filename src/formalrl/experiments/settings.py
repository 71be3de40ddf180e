"""The settings of a run in words: task, model, algorithm, regularizers, and what differs from the defaults."""

import dataclasses
import shlex
from collections.abc import Mapping
from typing import Any

from formalrl.config import TrainConfig
from formalrl.config_schema import default_of, to_plain
from formalrl.experiments.runs import RunFolder
from formalrl.experiments.showing import show_setting

TOLD_ELSEWHERE = ("task", "algorithm", "regularizers", "output_dir", "seed")


def flattened(values: Mapping[str, Any], path: str = "") -> dict[str, Any]:
    """Return nested settings by their dotted keys."""
    found: dict[str, Any] = {}
    for key, value in values.items():
        name = f"{path}{key}"
        found |= flattened(value, f"{name}.") if isinstance(value, Mapping) and value else {name: value}
    return found


def changed_settings(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the dotted settings of a run that differ from the defaults, but for the parts, which are told in full."""
    defaults = flattened(
        {
            field.name: to_plain(default_of(field))
            for field in dataclasses.fields(TrainConfig)
            if field.name not in TOLD_ELSEWHERE and default_of(field) is not dataclasses.MISSING
        }
    )
    own = flattened({key: value for key, value in config.items() if key not in TOLD_ELSEWHERE})
    return {key: value for key, value in own.items() if key not in defaults or defaults[key] != value}


def part_in_words(part: Any) -> str:
    """Return `grpo (epsilon 0.2, loss_type grpo)` for the plain form of a part."""
    if not isinstance(part, Mapping):
        return show_setting(part)
    fields = ", ".join(f"{key} {show_setting(value)}" for key, value in part.items() if key != "name")
    return f"{part.get('name', '?')} ({fields})" if fields else str(part.get("name", "?"))


def regularizers_in_words(regularizers: Any) -> str:
    """Return the regularizers that are on, each with its settings, `none` when there is none."""
    if not isinstance(regularizers, Mapping):
        return "none"
    on = {name: part for name, part in regularizers.items() if isinstance(part, Mapping) and _is_on(part)}
    return "; ".join(part_in_words({"name": name, **part}) for name, part in on.items()) or "none"


def _is_on(part: Mapping[str, Any]) -> bool:
    return any(value for key, value in part.items() if key in ("coef", "coef_end") or key.startswith("target"))


def model_in_words(config: Mapping[str, Any]) -> str:
    """Return the pretrained model's name, or `fresh small model`."""
    name = config.get("model_name_or_path")
    if name:
        return str(name)
    model = config.get("model")
    preset = model.get("preset") if isinstance(model, Mapping) else None
    return f"fresh {preset} model" if preset else "fresh model"


def what_and_how(run: RunFolder) -> list[tuple[str, str]]:
    """Return (name, value) pairs for the head of a report: what was trained, how, on what."""
    config, facts = run.config, run.facts
    rows = [
        ("Task", part_in_words(config.get("task"))),
        ("Model", model_in_words(config)),
        ("Algorithm", part_in_words(config.get("algorithm"))),
        ("Regularizers", regularizers_in_words(config.get("regularizers"))),
        ("Steps", f"{run.last_step} of {config.get('max_steps', '?')}"),
        ("A step", _step_in_words(config)),
        ("Seed", show_setting(config.get("seed", "?"))),
    ]
    named = [("Commit", "commit"), ("Device", "device"), ("Reward hash", "reward_hash")]
    rows += [(shown, facts[key]) for shown, key in named if key in facts]
    told = {key for _, key in named} | {"command", "platform", "threads"}
    versions = ", ".join(f"{name} {value}" for name, value in facts.items() if name not in told and value[:1].isdigit())
    machine = ", ".join(value for value in (facts.get("platform"), _threads(facts)) if value)
    return rows + [(shown, value) for shown, value in (("Versions", versions), ("Machine", machine)) if value]


def _threads(facts: Mapping[str, str]) -> str:
    number = facts.get("threads")
    return f"{number} thread{'s' * (number != '1')}" if number else ""


def _step_in_words(config: Mapping[str, Any]) -> str:
    prompts, completions = config.get("prompts_per_step", "?"), config.get("num_generations", "?")
    return f"{prompts} prompts x {completions} completions"


def reproduce_command(run: RunFolder) -> str:
    """Return the command that makes this run again, from its own configuration."""
    folder = shlex.quote(str(run.path / "config.yaml"))
    again = shlex.quote(f"{run.path}-again")
    return f"formalrl train {shlex.quote(run.task_name)} --config {folder} --output-dir {again}"
