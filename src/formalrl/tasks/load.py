"""Find a task: a built-in one, a Python file, data with a reward file, or functions of a notebook."""

import dataclasses
import inspect
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from formalrl import plugins
from formalrl.errors import ConfigError, nearest
from formalrl.tasks.rows import DATA_SUFFIXES, MAX_ROWS, read_rows
from formalrl.tasks.user import OPTIONAL, UserTask
from formalrl.types import Task

_REASONING_GYM = "reasoning_gym:"


def load_task(
    spec: Any, *, data: str | None = None, reward: str | None = None, options: Mapping[str, Any] | None = None
) -> Task:
    """Return the task that `spec` means.

    Args:
        spec: a built-in task's name; `reasoning_gym:dataset`; `pkg.mod:name` or `path/to/file.py[:name]`, where the
            name is a reward function or a task; a data file or Hugging Face data set, with `reward`; a task object; or
            `(prompts, reward)`.
        data: a data file or data set to take the rows from instead of `prompts()`.
        reward: the file of the reward, `file.py[:name]`.
        options: fields of a task that is a dataclass.

    Raises ConfigError, or PartNotFoundError with the nearest name.
    """
    if isinstance(spec, tuple) and len(spec) == 2:
        return UserTask.from_functions(*spec)
    if not isinstance(spec, str):
        return _instance(spec, type(spec).__name__, options)
    if spec.startswith(_REASONING_GYM):
        name = spec.removeprefix(_REASONING_GYM)
        return _instance(plugins.find("task", "reasoning_gym"), spec, {**(options or {}), "dataset": name})
    if plugins.is_external(spec):
        return _from_code(spec, data, reward, options)
    if reward is not None and (data is not None or _is_data(spec)):
        return _from_data(data or spec, reward, options)
    if _is_data(spec):
        raise ConfigError(f"{spec} is data, and no reward is given for it: add --reward-file file.py[:name].")
    if reward is not None or data is not None:
        given = "--reward-file" if reward is not None else "--data"
        raise ConfigError(
            f"{given} is for tasks of your own, but {spec!r} brings its own prompts and reward: leave it."
        )
    return _instance(plugins.find("task", spec), spec, options)


def load_reward(spec: str) -> Callable[..., Any]:
    """Return the reward function of `file.py[:name]` or `pkg.mod:name`.

    Without a name it is `reward`, or else the only function of the file with a parameter `completion` or `completions`.
    """
    module, name = plugins.load(spec)
    if name:
        return getattr(module, name)
    if callable(getattr(module, "reward", None)):
        return module.reward
    found = [f for f in _own_functions(module) if {"completion", "completions"} & set(inspect.signature(f).parameters)]
    if len(found) == 1:
        return found[0]
    if found:
        listed = ", ".join(f.__name__ for f in found)
        raise ConfigError(f"{spec} has several rewards ({listed}): say which, as in '{spec}:{found[0].__name__}'.")
    near = nearest("reward", (f.__name__ for f in _own_functions(module)))
    raise ConfigError(f"{spec} has no reward: define reward(prompt, completion, **columns).{near}")


def _from_code(spec: str, data: str | None, reward: str | None, options: Mapping[str, Any] | None) -> Task:
    module, name = plugins.load(spec)
    named = getattr(module, name) if name else None
    if named is None and data is None and reward is None:
        classes = plugins.classes_of("task", module)
        if len(classes) > 1:
            listed = ", ".join(part.__name__ for part in classes)
            raise ConfigError(f"{spec} has several tasks ({listed}): say which, as in '{spec}:{classes[0].__name__}'.")
        named = classes[0] if classes else None
    if inspect.isclass(named) or isinstance(named, Task):
        return _instance(named, spec, options)
    _no_options(spec, options)
    rows = None if data is None else read_rows(data)
    return _from_module(module, spec, reward or spec, rows)


def _from_data(data: str, reward: str, options: Mapping[str, Any] | None) -> Task:
    _no_options(data, options)
    module, _ = plugins.load(reward)
    return _from_module(module, Path(data.partition(":")[0]).name, reward, read_rows(data))


def _from_module(module: ModuleType, spec: str, reward: str, rows: Iterable[Any] | None) -> UserTask:
    """The task of a module's functions; `rows` replaces its `prompts()`."""
    function = load_reward(reward)
    prompts = getattr(module, "prompts", None) if rows is None else rows
    if prompts is None:
        near = nearest("prompts", (f.__name__ for f in _own_functions(module)))
        raise ConfigError(f"{spec} has no prompts(): define it, or give rows with --data.{near}")
    optional = {name: getattr(module, name) for name in OPTIONAL if getattr(module, name, None) is not None}
    return UserTask.from_functions(
        prompts,
        function,
        eval_prompts=getattr(module, "eval_prompts", None),
        name=_task_name(spec),
        max_rows=getattr(module, "max_rows", MAX_ROWS),
        source=reward,
        **optional,
    )


def _instance(part: Any, spec: str, options: Mapping[str, Any] | None) -> Task:
    """The task object; a class is called with the options."""
    if not inspect.isclass(part):
        if not isinstance(part, Task):
            raise ConfigError(f"{spec} is no task: it needs train_prompts(), eval_prompts() and reward().")
        _no_options(spec, options)
        return part
    if dataclasses.is_dataclass(part):
        known = [f.name for f in dataclasses.fields(part)]
        for key in options or {}:
            if key not in known:
                listed = ", ".join(known) or "none"
                raise ConfigError(f"the task {spec!r} has no option {key!r} (known: {listed}).{nearest(key, known)}")
    try:
        task = part(**(options or {}))
    except TypeError as error:
        raise ConfigError(f"the task {spec!r} cannot be made: {error}: give the missing options.") from error
    return _instance(task, spec, None)


def _own_functions(module: ModuleType) -> list[Callable[..., Any]]:
    return [f for f in vars(module).values() if inspect.isfunction(f) and f.__module__ == module.__name__]


def _no_options(spec: str, options: Mapping[str, Any] | None) -> None:
    if options:
        raise ConfigError(
            f"{spec} takes no options, and {min(options)!r} is given: only tasks that are dataclasses do."
        )


def _is_data(spec: str) -> bool:
    return Path(spec).suffix.lower() in DATA_SUFFIXES or "/" in spec


def _task_name(spec: str) -> str:
    """`path/to/my_task.py:reward` -> `my_task`; used for folders."""
    head, _, tail = spec.rpartition(":")
    return Path(head or tail).stem.rpartition(".")[2]
