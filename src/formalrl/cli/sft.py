"""`formalrl sft`: the supervised warm start alone."""

from collections.abc import Sequence
from contextlib import nullcontext

from formalrl.cli.help import Command, show_help
from formalrl.cli.output import is_main_process, print_json, results, stdout_to_stderr
from formalrl.cli.screens import show_evaluation, show_next
from formalrl.cli.settings import read_request
from formalrl.cli.train import dry_run, interrupted, make_progress
from formalrl.config import TrainConfig
from formalrl.config_parts import task_name

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


def run(arguments: Sequence[str]) -> int:
    """Run the command and return its exit code."""
    request = read_request(arguments, "sft")
    if request.help or request.config is None:
        show_help(results(), COMMAND, request.options)
        return 0
    if request.command["dry_run"]:
        return dry_run(request)
    return _warm_start(request.config, as_json=request.command["json"])


def _warm_start(config: TrainConfig, *, as_json: bool) -> int:
    config.check()
    with stdout_to_stderr() if as_json else nullcontext():
        listener = make_progress(config)
        try:
            from formalrl import api

            done = api.warm_start(None, config, on_event=listener)
        except KeyboardInterrupt:
            listener.display.close()
            return interrupted(listener, config)
        finally:
            listener.display.close()
    if is_main_process():
        if as_json:
            print_json({**done.summary, "output_dir": str(done.output_dir)})
        else:
            show_evaluation(results(), f"{task_name(config.task)}, warm start", done.summary)
            start = done.output_dir / "checkpoint-0"
            show_next(results(), [f"train {task_name(config.task)} --model-name-or-path {start}", f"sample {start}"])
    return 0
