"""`formalrl check-reward`: what is wrong with a task's reward, before anything is trained."""

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from formalrl.checks import CheckReport, check_reward
from formalrl.checks.report import SIGNS
from formalrl.checks.run import CheckSettings
from formalrl.cli.help import Command, show_help
from formalrl.cli.options import Option, options_of, parse
from formalrl.cli.output import Outcome, results
from formalrl.cli.tasks import task_options
from formalrl.config_parts import part_from
from formalrl.errors import ConfigError

COMMAND = Command(
    "check-reward",
    "TASK [OPTIONS]",
    "Try a task's reward on right, wrong, empty, huge and hostile completions, and on samples of a model: speed, "
    "errors, spread, and what a constant answer would earn.",
    (
        "check-reward arithmetic",
        "check-reward my_task.py --timeout-s 2 --json",
        "check-reward arithmetic --model-name-or-path runs/arithmetic/demo --num-samples 8",
    ),
    "It ends with exit code 1 when the task cannot be trained on, and 2 when the check cannot be made.",
)
_SOURCE = ("reward_file", "data")


@dataclass(frozen=True)
class CheckOptions:
    """Options of `formalrl check-reward`."""

    model_name_or_path: str | None = None
    """A run folder, a checkpoint, a model's folder or its name on the hub, to check the reward on samples of it."""
    num_samples: int | None = None
    """Completions of each prompt that the model writes, 2 or more; none: as many as num_generations."""
    temperature: float | None = None
    """Of the model's samples; none, here and below: as the run that the model is of, or the task's defaults."""
    max_completion_length: int | None = None
    """Tokens that the model's samples may have."""
    prompts_per_step: int | None = None
    """Prompts of a step of the training to come, for an estimate of its time."""
    num_generations: int | None = None
    """Completions of each prompt in that training."""
    num_prompts: int = 32
    """Prompts on which the reward is tried."""
    workers: int | None = None
    """Worker processes; none: one a core."""
    timeout_s: float = 10.0
    """Seconds that one call may take."""
    memory_gib: float | None = 4.0
    """Address space of a worker."""
    budget_s: float = 60.0
    """Seconds that the search for a good constant answer may take, about."""
    seed: int = 0
    """Of the completions that are tried."""
    reward_file: str | None = None
    """file.py[:name] of the reward, when TASK is a data file or a Hugging Face data set."""
    data: str | None = None
    """A data file or data set with the prompts of the task file."""
    json: bool = False
    """Print one JSON object on standard output, and everything else on standard error."""


def run(arguments: Sequence[str]) -> Outcome:
    """Run the command."""
    listed = list(options_of(CheckOptions))
    first = parse(arguments, listed, command="check-reward", lenient=True)
    if len(first.positionals) == 1:
        listed += _options_of_task(first.positionals[0], first.values)
    parsed = parse(arguments, listed, command="check-reward")
    if parsed.help:
        return Outcome(lambda: show_help(results(), COMMAND, listed))
    if len(parsed.positionals) != 1:
        raise ConfigError("check-reward takes one task: write `formalrl check-reward TASK`, such as arithmetic.")
    name, values = parsed.positionals[0], parsed.values
    names = {field.name for field in fields(CheckSettings)}
    settings = CheckSettings(**{key: value for key, value in values.items() if key in names})
    options = {key.removeprefix("task."): value for key, value in values.items() if key.startswith("task.")}
    task = {"name": name, **_source(values), **options}
    report = check_reward(task, settings, model=values.get("model_name_or_path"), name=name)
    return Outcome(lambda: _show(report), report.to_dict() if values.get("json") else None, 0 if report.ok else 1)


def _options_of_task(name: str, values: Mapping[str, Any]) -> list[Option]:
    return task_options(part_from("task", {"name": name, **_source(values)}, "task"))


def _source(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: values[key] for key in _SOURCE if values.get(key) is not None}


def _show(report: CheckReport) -> None:
    console = results()
    for line in report.lines():
        for part in textwrap.wrap(line, console.width, subsequent_indent="      " if line[:4] in SIGNS else "") or [""]:
            console.print(part, markup=False, highlight=False)
