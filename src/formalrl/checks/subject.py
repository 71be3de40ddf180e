"""Which task and which training a check is about, before anything heavy is loaded."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from formalrl.config import TrainConfig, read_settings, resolve
from formalrl.errors import ConfigError
from formalrl.tasks.load import load_task

RUN_CONFIG = "config.yaml"
"""The settings of a run, in its folder and in its checkpoints."""


def config_to_check(task: Any, model: str | Path | None = None, given: Mapping[str, Any] | None = None) -> TrainConfig:
    """Return the settings of the training to come.

    Args:
        task: a name, `file.py[:name]`, a mapping with `name` and options, a task object, or `(prompts, reward)`.
        model: a run folder, a checkpoint, a model's folder or a name on the hub. Settings of a run are those of its
            training, others come from the task's defaults.
        given: keys of TrainConfig above those; None values are left out.

    Raises ConfigError for settings that cannot be, and for a path that leads nowhere.
    """
    named: dict[str, Any] = {"task": load_task(task) if isinstance(task, tuple) else task}
    chosen = {name: value for name, value in (given or {}).items() if value is not None}
    if model is None:
        return resolve(named, chosen)
    folder = Path(model)
    if (folder / RUN_CONFIG).is_file():
        settings = {**read_settings(folder / RUN_CONFIG), "report_to": (), "output_dir": None}
        return resolve({**settings, **named}, chosen)
    text = str(model)
    if not folder.is_dir() and (text.startswith((".", "/", "~")) or text.count("/") > 1):
        raise ConfigError(
            f"there is no folder {text!r}: name a run folder, a checkpoint, a model's folder, or a model on the Hugging"
            " Face hub (owner/name)."
        )
    return resolve({**named, "model_name_or_path": text}, chosen)
