"""Parts inside a configuration: from a name, a mapping or an object, back to plain data, and layer over layer."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from formalrl import plugins
from formalrl.config_schema import build, coerce, join, reject_unknown, to_plain
from formalrl.errors import ConfigError
from formalrl.tasks.load import load_task
from formalrl.tasks.rows import DATA_SUFFIXES
from formalrl.types import Task

PARTS = {"task": "task", "algorithm": "algorithm"}
"""Keys of the configuration that hold a part -> its kind."""
SECTIONS = ("model", "warm_start", "curriculum", "exploration")
"""Keys that hold a dataclass of plain settings."""
REGULARIZERS = "regularizers"
NOTEBOOK = "notebook:"
"""Prefix of the name of a task whose functions are in no file, so that only Python can pass them again."""
_SOURCE_KEYS = ("data", "reward_file")


@dataclass(frozen=True)
class TaskSource:
    """A task of the user's own, as it was named. It has the attributes of the task, whose code runs at first use."""

    spec: str
    """`file.py[:name]`, `pkg.mod:name`, a data file or a Hugging Face data set."""
    data: str | None = None
    """Rows to use instead of the file's `prompts()`."""
    reward_file: str | None = None
    """`file.py[:name]` of the reward, for data."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """Fields of a task that is a dataclass."""

    @cached_property
    def task(self) -> Task:
        """The loaded task. Raises ConfigError when it cannot be used."""
        if self.spec.startswith(NOTEBOOK):
            raise ConfigError(
                f"the task {self.spec.removeprefix(NOTEBOOK)!r} was functions in no file, which a configuration"
                " cannot hold: pass them to formalrl.train() again, or write them to a Python file and name that."
            )
        return load_task(self.spec, data=self.data, reward=self.reward_file, options=dict(self.options))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        value = getattr(self.task, name)
        if value is None:  # an optional method that the user did not write
            raise AttributeError(name)
        return value


def task_name(task: Any) -> str:
    """Return the short name of a task, for folders and messages."""
    if isinstance(task, TaskSource):
        head, _, tail = task.spec.rpartition(":")
        return Path(head or tail).stem.rpartition(".")[2] or "task"
    if hasattr(task, "reward_function"):
        return task.name
    name = spec_of("task", task)
    return name if name.isidentifier() else type(task).__name__.lower()


def asked_by(model_name_or_path: str | None, task: Any) -> Any:
    """Return a built-in task as the pretrained model of that name is asked it, where the task makes a difference."""
    if model_name_or_path is None or isinstance(task, TaskSource) or not hasattr(task, "for_pretrained"):
        return task
    return task.for_pretrained(model_name_or_path)


def part_from(kind: str, value: Any, path: str, default: str | None = None) -> Any:
    """Return the part that `value` means: a name, a mapping with `name` and fields, or the part itself.

    Args:
        kind: as in `plugins.FOLDERS`.
        value: what the configuration holds.
        path: its key, for messages.
        default: the name to take when a mapping has none.
    """
    if isinstance(value, str):
        value = {"name": value}
    if not isinstance(value, Mapping):
        if value is None or isinstance(value, (bool, int, float, list, tuple)):
            raise ConfigError(
                f"{path} is {value!r}, expected a name, a mapping with `name`, or {_article(kind)} object."
            )
        return value
    name, fields = value.get("name", default), {k: v for k, v in spelled(value).items() if k != "name"}
    if not isinstance(name, str):
        known = ", ".join(plugins.names(kind))
        raise ConfigError(f"{path} has no name, so it names no {kind}: add `name:` with one of {known}.")
    if kind == "task" and is_source(name, fields):
        given = {key: coerce(fields.pop(key, None), str | None, join(path, key)) for key in _SOURCE_KEYS}
        return TaskSource(name, **given, options=fields)
    found = plugins.find(kind, name)
    return build(found, fields, path) if isinstance(found, type) else found


def is_source(name: str, fields: Mapping[str, Any]) -> bool:
    """Return whether a task name means the user's own code or data."""
    if name in plugins.names("task"):
        return False
    data = "/" in name or Path(name).suffix.lower() in DATA_SUFFIXES or any(fields.get(key) for key in _SOURCE_KEYS)
    return data or plugins.is_external(name)


def part_to_plain(kind: str, part: Any) -> dict[str, Any]:
    """Return `{"name": ..., **fields}`, from which `part_from` makes an equal part."""
    if isinstance(part, TaskSource):
        given = {key: getattr(part, key) for key in _SOURCE_KEYS if getattr(part, key) is not None}
        return {"name": part.spec, **given, **to_plain(part.options)}
    if kind == "task" and hasattr(part, "reward_function"):  # functions of a notebook: only their name can be written
        return {"name": part.source or f"{NOTEBOOK}{part.name}"}
    return {"name": spec_of(kind, part), **to_plain(part)}


def spec_of(kind: str, part: Any) -> str:
    """Return the name by which `plugins.find` finds the class of a part."""
    cls = type(part)
    folder = f"formalrl.{plugins.FOLDERS[kind]}."
    if cls.__module__.startswith(folder):
        return cls.__module__.removeprefix(folder)
    attributes = vars(sys.modules[cls.__module__]) if cls.__module__ in sys.modules else {}
    if "__formalrl_digest__" in attributes:
        return f"{os.path.relpath(attributes['__file__'])}:{cls.__name__}"
    return f"{cls.__module__}:{cls.__name__}"


def regularizers_from(value: Any, path: str = REGULARIZERS) -> dict[str, Any]:
    """Return every regularizer by name: those of the folder, with the settings given, and the user's own."""
    if not isinstance(value, Mapping):
        known = ", ".join(plugins.names("regularizer"))
        raise ConfigError(f"{path} is {value!r}, expected a mapping from a regularizer ({known}) to its settings.")
    value = spelled(value)
    names = plugins.names("regularizer")
    own = [name for name, entry in value.items() if isinstance(entry, Mapping) and "name" in entry]
    objects = [name for name, entry in value.items() if entry is not None and not isinstance(entry, (Mapping, str))]
    reject_unknown(value, [*names, *own, *objects], path)
    return {
        name: part_from("regularizer", value.get(name) or {}, join(path, name), default=name)
        for name in dict.fromkeys([*names, *own, *objects])
    }


def regularizers_to_plain(regularizers: Mapping[str, Any]) -> dict[str, Any]:
    """Return `{name: fields}`; a regularizer outside the folder keeps its `name`."""
    plain = {name: part_to_plain("regularizer", part) for name, part in regularizers.items()}
    return {name: {k: v for k, v in entry.items() if (k, v) != ("name", name)} for name, entry in plain.items()}


def spelled(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return `values` with underscores for dashes in its keys: `learning-rate` is `learning_rate`."""
    return {str(key).replace("-", "_"): value for key, value in values.items()}


def merge(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return the plain configuration `below` overlaid with `above`.

    Settings of a part with another name do not carry over: `algorithm: ppo` drops the `epsilon` of a grpo below it.
    """
    merged = spelled(below)
    for key, value in spelled(above).items():
        if key in PARTS:
            merged[key] = _merge_part(PARTS[key], merged.get(key), value)
        elif key == REGULARIZERS and isinstance(value, Mapping) and isinstance(merged.get(key), Mapping):
            old = spelled(merged[key])
            merged[key] = old | {n: _merge_part("regularizer", old.get(n), v) for n, v in spelled(value).items()}
        elif key in SECTIONS and isinstance(value, Mapping) and key in merged:
            old = merged[key]
            merged[key] = {**(spelled(old) if isinstance(old, Mapping) else to_plain(old)), **spelled(value)}
        else:
            merged[key] = value
    return merged


def _merge_part(kind: str, below: Any, above: Any) -> Any:
    if isinstance(above, str):
        above = {"name": above}
    if below is None or not isinstance(above, Mapping):
        return above
    if isinstance(below, str):
        below = {"name": below}
    elif not isinstance(below, Mapping):
        if set(above) <= {"name"}:
            return above
        below = part_to_plain(kind, below)
    above = spelled(above)
    if "name" in above and above["name"] != below.get("name"):
        return above
    return {**spelled(below), **above}


def nested(overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Return dotted keys as mappings: `{"algorithm.epsilon": 0.3}` is `{"algorithm": {"epsilon": 0.3}}`."""
    result: dict[str, Any] = {}
    for key in sorted(overrides, key=lambda key: key.count(".")):
        *outer, last = str(key).replace("-", "_").split(".")
        here: dict[str, Any] = result
        for depth, name in enumerate(outer):
            entry: Any = here.get(name, {})
            if isinstance(entry, str):
                entry = {"name": entry}
            elif not isinstance(entry, Mapping):
                raise ConfigError(
                    f"{'.'.join(outer[: depth + 1])} is set to {entry!r} and {key} to something else: keep one."
                )
            here[name] = dict(entry)
            here = here[name]
        here[last] = overrides[key]
    return result


def _article(word: str) -> str:
    return f"an {word}" if word[0] in "aeiou" else f"a {word}"


def differing(values: Mapping[str, Any], defaults: Mapping[str, Any], path: str = "") -> dict[str, Any]:
    """Return the values that are not the defaults, by their dotted keys after `path`."""
    found: dict[str, Any] = {}
    for key, value in values.items():
        other = defaults.get(key)
        if isinstance(value, Mapping) and isinstance(other, Mapping):
            found |= differing(value, other, f"{path}{key}.")
        elif value != other:
            found[path + key] = value
    return found
