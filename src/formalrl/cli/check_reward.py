"""`formalrl check-reward`: what is wrong with a task's reward, before anything is trained."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from formalrl.checks import CheckReport, check_reward
from formalrl.checks.report import SIGNS
from formalrl.checks.run import CheckSettings
from formalrl.cli.help import Command, show_help
from formalrl.cli.options import options_of, parse
from formalrl.cli.output import Outcome, results
from formalrl.config_parts import TaskSource, part_from
from formalrl.errors import ConfigError

COMMAND = Command(
    "check-reward",
    "TASK [OPTIONS]",
    "Try a task's reward on right, wrong, empty, huge and hostile completions: speed, errors, spread, and what a "
    "constant answer would earn.",
    ("check-reward arithmetic", "check-reward my_task.py", "check-reward my_task.py --timeout-s 2 --json"),
    "It ends with exit code 1 when the task cannot be trained on.",
)


@dataclass(frozen=True)
class CheckOptions:
    """Options of `formalrl check-reward`."""

    num_prompts: int = 32
    """Prompts on which the reward is tried."""
    prompts_per_step: int = 64
    """Prompts of a step of the training to come, for an estimate of its time."""
    num_generations: int = 16
    """Completions of each prompt in that training."""
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
    json: bool = False
    """Print one JSON object on standard output, and everything else on standard error."""


def run(arguments: Sequence[str]) -> Outcome:
    """Run the command."""
    listed = list(options_of(CheckOptions))
    parsed = parse(arguments, listed, command="check-reward")
    if parsed.help:
        return Outcome(lambda: show_help(results(), COMMAND, listed))
    if len(parsed.positionals) != 1:
        raise ConfigError("check-reward takes one task: write `formalrl check-reward TASK`, such as arithmetic.")
    values = dict(parsed.values)
    as_json = bool(values.pop("json", False))
    name = parsed.positionals[0]
    part = part_from("task", name, "task")
    task = part.task if isinstance(part, TaskSource) else part
    report = check_reward(task, CheckSettings(**values), name=name)
    return Outcome(lambda: _show(report), report.to_dict() if as_json else None, 0 if report.ok else 1)


def _show(report: CheckReport) -> None:
    console = results()
    for line in report.lines():
        for part in textwrap.wrap(line, console.width, subsequent_indent="      " if line[:4] in SIGNS else "") or [""]:
            console.print(part, markup=False, highlight=False)
