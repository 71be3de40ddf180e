"""`formalrl train`: from the arguments to a finished run and its last screen."""

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from formalrl.cli.help import Command, show_help
from formalrl.cli.output import Outcome, is_main_process, progress, results
from formalrl.cli.progress import RunProgress, make_display
from formalrl.cli.screens import show_result
from formalrl.cli.settings import read_request
from formalrl.config import TrainConfig, to_dict, to_yaml
from formalrl.config_parts import spec_of, task_name

COMMAND = Command(
    "train",
    "TASK [OPTIONS]",
    "Train a policy on a task with reinforcement learning, evaluate it on held-out prompts and write a report.",
    (
        "train arithmetic --max-steps 100 --seed 1",
        "train arithmetic --algorithm ppo --algorithm.epsilon 0.1 --regularizers.entropy.coef 0.3",
        "train my_task.py --model-name-or-path gpt2 --max-completion-length 8",
        "train prompts.jsonl --reward-file reward.py --model-name-or-path gpt2",
        "train --output-dir runs/arithmetic/grpo-seed0 --resume",
    ),
    "TASK is the name of a task (`formalrl tasks` lists them), file.py[:name], a data file or a Hugging Face data set"
    " with --reward-file. Options of the task and of the algorithm are those of the ones named. Settings come from, the"
    " later ones above: defaults, the task's own, --recipe, --config, the command line.",
)


def run(arguments: Sequence[str]) -> Outcome:
    """Run the command."""
    request = read_request(arguments, "train")
    if request.help or request.config is None:
        return Outcome(lambda: show_help(results(), COMMAND, request.options))
    if request.command["dry_run"]:
        return dry_run(request.config, as_json=request.command["json"])
    return _train(request.config, resume=request.command["resume"], as_json=request.command["json"])


def dry_run(config: TrainConfig, *, as_json: bool) -> Outcome:
    """Return the resolved configuration."""
    config.check()
    text = to_yaml(config)
    return Outcome(lambda: print(text, end=""), to_dict(config) if as_json else None)


def title_of(config: TrainConfig) -> str:
    """Return `arithmetic, grpo`."""
    return f"{task_name(config.task)}, {spec_of('algorithm', config.algorithm)}"


def make_progress(config: TrainConfig) -> RunProgress:
    """Return the listener that shows the events of a run."""
    return RunProgress(title_of(config), config.output_dir or "", make_display(progress()))


def interrupted(listener: RunProgress, config: TrainConfig) -> Outcome:
    """Say where an interrupted run stands and how it goes on."""
    if is_main_process():
        if listener.checkpoint:
            folder = shlex.quote(str(Path(listener.checkpoint).parent))
            text = f"stopped after step {listener.step}; last checkpoint: {listener.checkpoint}. Continue with\n"
            text += f"  formalrl train --output-dir {folder} --resume"
        elif config.output_dir and any(Path(config.output_dir).glob("checkpoint-*")):
            text = f"stopped. Continue with\n  formalrl train --output-dir {shlex.quote(config.output_dir)} --resume"
        else:
            text = "stopped before the first checkpoint: there is nothing to continue from."
        print(text, file=sys.stderr)
    return Outcome(code=130)


def _train(config: TrainConfig, *, resume: bool, as_json: bool) -> Outcome:
    config.check()
    listener = make_progress(config)
    try:
        from formalrl import api

        done = api.train(None, config, resume=resume, on_event=listener)
    except KeyboardInterrupt:
        listener.display.close()
        return interrupted(listener, config)
    finally:
        listener.display.close()
    if not is_main_process():
        return Outcome()
    data = {**done.summary, "output_dir": str(done.output_dir)} if as_json else None
    return Outcome(lambda: show_result(results(), title_of(config), done.summary, done.output_dir), data)
