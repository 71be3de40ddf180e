"""The live panel of a run, drawn from its progress."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from formalrl.cli.progress import RunProgress

PHASES = {
    "load": "loading the model",
    "warm_start": "warm start on solved examples",
    "train": "training",
    "evaluate": "evaluating",
    "report": "writing the report",
}
"""Name of a phase in the events -> what the display calls it."""

VERDICT_STYLES = {"healthy": "green", "learning": "cyan", "collapsed": "red"}
NUM_NOTES = 3
"""How many of the latest notes stay on the panel."""


def panel(state: "RunProgress", width: int) -> RenderableType:
    """Return the panel: heading, progress, numbers, the latest verdict, the latest notes."""
    rows: list[RenderableType] = [_heading(state), Text(), _bar(state, width)]
    if state.metrics or state.evaluation:
        rows += [Text(), _numbers(state)]
    sentence = state.evaluation.get("verdict_sentence")
    if sentence:
        style = VERDICT_STYLES.get(str(state.evaluation.get("verdict")), "dim")
        rows += [Text(), Text(str(sentence), style=style)]
    if state.notes:
        rows += [Text(), *(_note(text) for text in state.notes[-NUM_NOTES:])]
    return Padding(Group(*rows), (1, 2))


def duration(seconds: float) -> str:
    """Return `0:42`, `12:03` or `2:00:15`."""
    minutes, rest = divmod(int(seconds + 0.5), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _heading(state: "RunProgress") -> RenderableType:
    table = Table.grid(expand=True)
    table.add_column(no_wrap=True)
    table.add_column(justify="right", overflow="ellipsis", no_wrap=True)
    table.add_row(Text(state.title, style="bold"), Text(state.folder, style="dim"))
    return table


def _bar(state: "RunProgress", width: int) -> RenderableType:
    name = PHASES.get(state.phase, state.phase)
    if not state.num_steps:
        return Text(f"{name} ...")
    table = Table.grid(padding=(0, 2))
    left = "" if state.seconds_left is None else f"{duration(state.seconds_left)} left"
    label = "warm start" if state.phase == "warm_start" else name
    count = f"{state.step}/{state.num_steps}"
    bar = ProgressBar(total=state.num_steps, completed=state.step, width=max(10, width - len(label) - len(count) - 22))
    table.add_row(label, bar, count, Text(left, style="dim"))
    return table


def _numbers(state: "RunProgress") -> RenderableType:
    metrics, row = state.metrics, state.evaluation
    at = f"at step {row['step']}" if row.get("step") is not None else ""
    best = row.get("constant_baseline")
    left = [
        ("reward", _number(metrics, "reward/mean"), "" if best is None else f"one fixed answer {best:.3f}"),
        ("accuracy", _number(row, "accuracy"), at if row.get("accuracy") is not None else ""),
        ("KL", _number(metrics, "policy/kl_ref"), "nats"),
    ]
    speed = metrics.get("throughput/completions_per_s")
    right = [
        ("entropy", _number(metrics, "policy/entropy", 2), "nats"),
        ("batch entropy", _number(metrics, "policy/batch_entropy", 2), "nats"),
        ("completions/s", "-" if speed is None else f"{speed:,.0f}", ""),
    ]
    if "policy/kl_ref" not in metrics:
        left[2] = ("length", _number(metrics, "completions/length_mean", 1), "tokens")
    table = Table.grid(padding=(0, 2))
    for justify in ("left", "right", "left", "left", "right", "left"):
        table.add_column(justify=justify, no_wrap=True)  # pyright: ignore[reportArgumentType]
    for (name, value, unit), (other, other_value, other_unit) in zip(left, right, strict=True):
        dim = "dim"
        cells = [Text(name, dim), Text(value, "bold"), Text(unit, dim)]
        if value == "-":
            cells[2] = Text("")
        cells += [Text(other, dim), Text(other_value, "bold"), Text("" if other_value == "-" else other_unit, dim)]
        table.add_row(*cells)
    return table


def _note(text: str) -> RenderableType:
    table = Table.grid(padding=(0, 1))
    table.add_row(Text("!", "yellow"), Text(text))
    return table


def _number(values: Mapping[str, Any], key: str, digits: int = 3) -> str:
    value = values.get(key)
    return "-" if value is None else f"{value:.{digits}f}"
