"""`formalrl sft`: the supervised warm start alone."""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from formalrl.cli.help import Command, show_help
from formalrl.cli.output import Outcome, is_main_process, results
from formalrl.cli.screens import show_evaluation, show_next
from formalrl.cli.settings import read_request
from formalrl.cli.train import dry_run, interrupted, make_progress
from formalrl.config import TrainConfig
from formalrl.config_parts import part_to_plain, task_name

COMMAND = Command(
    "sft",
    "TASK [OPTIONS]",
    "Train a model on solved examples of a task, so that it knows the format, and keep it as checkpoint-0.",
    (
        "sft arithmetic --warm-start.num-examples 256 --output-dir runs/arithmetic/start",
        "train arithmetic --model-name-or-path runs/arithmetic/start/checkpoint-0",
    ),
    "TASK must have solved examples. The options are those of `formalrl train`.",
)


def run(arguments: Sequence[str]) -> Outcome:
    """Run the command."""
    request = read_request(arguments, "sft")
    if request.help or request.config is None:
        return Outcome(lambda: show_help(results(), COMMAND, request.options))
    if request.command["dry_run"]:
        return dry_run(request.config, as_json=request.command["json"])
    return _warm_start(request.config, as_json=request.command["json"])


def _warm_start(config: TrainConfig, *, as_json: bool) -> Outcome:
    config.check()
    listener = make_progress(config)
    try:
        from formalrl import api

        done = api.warm_start(None, config, on_event=listener)
    except KeyboardInterrupt:
        listener.display.close()
        return interrupted(listener, config)
    finally:
        listener.display.close()
    if not is_main_process():
        return Outcome()
    data = {**done.summary, "output_dir": str(done.output_dir)} if as_json else None
    return Outcome(lambda: _show(config, done.summary, done.output_dir), data)


def _show(config: TrainConfig, summary: Mapping[str, Any], folder: Path) -> None:
    show_evaluation(results(), f"{task_name(config.task)}, warm start", summary)
    start = shlex.quote(str(folder / "checkpoint-0"))
    task = shlex.quote(part_to_plain("task", config.task)["name"])
    show_next(results(), [f"train {task} --model-name-or-path {start} --no-sft", f"sample {start}"])
