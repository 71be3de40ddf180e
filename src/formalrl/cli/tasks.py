"""`formalrl tasks`: what there is to learn; `formalrl tasks show NAME`: one task with prompts, answers and rewards."""

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from formalrl import plugins
from formalrl.cli.help import Command, show_help
from formalrl.cli.options import Option, options_of, parse
from formalrl.cli.output import Outcome, results
from formalrl.cli.screens import clip, text_of
from formalrl.config_parts import TaskSource, part_from, part_to_plain, task_name
from formalrl.errors import ConfigError, nearest
from formalrl.rewards.call import RewardKey, RewardRow, reward_of
from formalrl.rewards.scorers import InProcessScorer

COMMAND = Command(
    "tasks",
    "[show TASK] [OPTIONS]",
    "List the tasks; or show the options of one, with some prompts, their reference answers and rewards.",
    ("tasks", "tasks show arithmetic", "tasks show arithmetic --task.mode solution", "tasks show my_task.py"),
)
_ANSWERS = ("answer", "completion", "solution", "target", "label")
"""Columns that may hold the reference answer."""


@dataclass(frozen=True)
class TasksOptions:
    """Options of `formalrl tasks`."""

    num_prompts: int = 5
    """Prompts to show."""
    json: bool = False
    """Print one JSON object on standard output, and everything else on standard error."""


def run(arguments: Sequence[str]) -> Outcome:
    """Run the command."""
    listed = list(options_of(TasksOptions))
    first = parse(arguments, listed, command="tasks", lenient=True)
    if first.positionals:
        task = _task_of(first.positionals)
        listed += task_options(task)
    parsed = parse(arguments, listed, command="tasks")
    if parsed.help:
        return Outcome(lambda: show_help(results(), COMMAND, listed))
    options = TasksOptions(**{key: value for key, value in parsed.values.items() if not key.startswith("task.")})
    if not parsed.positionals:
        found: dict[str, Any] = {"tasks": [{"name": name, "summary": summary(name)} for name in plugins.names("task")]}
    else:
        changes = {key.removeprefix("task."): v for key, v in parsed.values.items() if key.startswith("task.")}
        found = describe(_task_of(parsed.positionals, changes), options.num_prompts)
    if options.json:
        return Outcome(data=found)
    if not parsed.positionals:
        return Outcome(lambda: _list(results(), found["tasks"]))
    return Outcome(lambda: _show(results(), found, [option for option in listed if option.key.startswith("task.")]))


def summary(name: str) -> str:
    """Return what a task is, in one line."""
    return _first_line(plugins.find("task", name))


def _first_line(part: Any) -> str:
    return (inspect.getdoc(part) or "").partition("\n")[0].partition(" Example:")[0]


def describe(task: Any, count: int) -> dict[str, Any]:
    """Return a task's settings and some of its prompts with reference answers and the rewards of those."""
    loaded = task.task if isinstance(task, TaskSource) else task
    training, held_out = loaded.train_prompts(), loaded.eval_prompts()
    return {
        "name": task_name(task),
        "summary": _first_line(type(loaded)),
        "settings": part_to_plain("task", task),
        "num_train_prompts": len(training),
        "num_eval_prompts": len(held_out),
        "prompts": _examples(loaded, [held_out[i] for i in range(min(count, len(held_out)))], count),
    }


def _examples(task: Any, prompts: Sequence[Any], count: int) -> list[dict[str, Any]]:
    """Prompts with the reference answer and its reward; solved examples where prompts have no answer."""
    rows = [(p.text, next((str(p.columns[c]) for c in _ANSWERS if c in p.columns), None), p.columns) for p in prompts]
    make_examples = getattr(task, "examples", None)
    if make_examples is not None and all(answer is None for _, answer, _ in rows):
        rows = [(prompt, answer, {}) for prompt, answer in make_examples(count, 0)]
    scorer = InProcessScorer(reward_of(task))
    asked = [RewardRow(prompt, answer or "", dict(columns)) for prompt, answer, columns in rows]
    scores = scorer.score(asked, RewardKey(0, 0))
    return [
        {"prompt": prompt, "answer": answer, "reward": score.reward, "error": score.error}
        for (prompt, answer, _), score in zip(rows, scores, strict=True)
    ]


def _task_of(positionals: Sequence[str], changes: Mapping[str, Any] | None = None) -> Any:
    verb, *names = positionals
    if verb != "show" or len(names) != 1:
        hint = "write `formalrl tasks show NAME`"
        raise ConfigError(
            f"{' '.join(positionals)!r} is no request: {hint}, or `formalrl tasks`.{nearest(verb, ['show'])}"
        )
    return part_from("task", {"name": names[0], **(changes or {})}, "task")


def task_options(task: Any) -> list[Option]:
    """Return the options that a task has, as `--task.level`."""
    part = task.task if isinstance(task, TaskSource) else task
    return (
        []
        if hasattr(part, "reward_function")
        else list(options_of(type(part), part, prefix="task.", section="the task"))
    )


def _list(console: Console, tasks: Sequence[Mapping[str, str]]) -> None:
    table = Table.grid(padding=(0, 3))
    for task in tasks:
        table.add_row(Text(task["name"], "bold"), Text(task["summary"]))
    console.print(table)
    console.print(Text("\nformalrl tasks show NAME says more; NAME may be a file of your own.", "dim"))


def _show(console: Console, found: Mapping[str, Any], options: Sequence[Option]) -> None:
    console.print(Text(found["name"], "bold"), Text(found["summary"]))
    console.print(Text(f"{found['num_train_prompts']:,} prompts to train on, {found['num_eval_prompts']:,} held out"))
    if options:
        console.print()
        table = Table.grid(padding=(0, 3))
        for option in options:
            value = found["settings"].get(option.key.removeprefix("task."))
            table.add_row(
                Text(option.flag, "cyan"), Text("none" if value is None else str(value)), Text(option.value_name, "dim")
            )
        console.print(Padding(table, (0, 0, 0, 2), expand=False))
    for row in found["prompts"]:
        console.print()
        console.print(
            Padding(Text(clip(text_of(row["prompt"]), 4 * console.width, keep_end=True)), (0, 0, 0, 2), expand=False)
        )
        earned = f"error {row['error']}" if row["reward"] is None else f"reward {row['reward']:.3f}"
        answer = "(an empty completion)" if row["answer"] is None else clip(row["answer"], 2 * console.width)
        console.print(Padding(Text.assemble((answer, "green"), (f"   {earned}", "dim")), (0, 0, 0, 4), expand=False))
