"""The plan of a sweep before it, and its table after it."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from formalrl.experiments.statistics import Interval
from formalrl.experiments.sweep import Sweep, show_value
from formalrl.experiments.sweep_runs import DONE, FAILED, RunStatus
from formalrl.experiments.sweep_summary import SCORES, SUMMARY, SettingSummary

NUM_FAILURES = 3
"""Failed runs whose last lines are shown."""
_INTERVAL_WIDTH, _OTHER_WIDTH = 24, 22
"""Columns of the screen that a score with its interval takes, and those beside names and scores."""


def show_plan(console: Console, root: Path, sweep: Sweep) -> None:
    """Print what would run."""
    settings = sweep.settings()
    number, seeds = len(settings) * len(sweep.seeds), ", ".join(map(str, sweep.seeds))
    runs = f"{number} run{'s' * (number != 1)}"
    _say(console, f"{runs} in {root}: {len(settings)} setting{'s' * (len(settings) != 1)}, seeds {seeds}")
    table = Table(box=None, padding=(0, 1), header_style="dim")
    table.add_column("setting", overflow="fold")
    table.add_column("changes", overflow="fold")
    for setting in settings:
        changes = ", ".join(f"{key} {show_value(value)}" for key, value in setting.changes.items())
        table.add_row(Text(setting.name), Text(changes or "none"))
    console.print(table)


def show_sweep(
    console: Console, root: Path, statuses: Sequence[RunStatus], summaries: Sequence[SettingSummary]
) -> None:
    """Print the table of the settings, what failed, and where the numbers are."""
    console.print()
    console.print(_table(summaries, console.width))
    failed = [status for status in statuses if status.state == FAILED]
    for status in failed[:NUM_FAILURES]:
        console.print()
        _say(console, f"{status.run.name} failed with exit code {status.code}; its last lines ({status.log}):", "red")
        for line in status.last_lines():
            _say(console, f"  {line}")
    if len(failed) > NUM_FAILURES:
        _say(console, f"... and {len(failed) - NUM_FAILURES} more failed runs.", "red")
    done = sum(status.state == DONE for status in statuses)
    console.print()
    _say(console, f"{done} of {len(statuses)} runs done. Means over seeds with 95 % intervals: {root / SUMMARY}")
    if failed:
        _say(console, "The same command again tries the failed runs once more.")


def _table(summaries: Sequence[SettingSummary], width: int) -> Table:
    """A row a setting; intervals go to a line of their own where the names of the settings need the room."""
    names = [name for name in SCORES if any(name in summary.scores for summary in summaries)]
    needed = max(len(summary.name) for summary in summaries) + len(names) * _INTERVAL_WIDTH + _OTHER_WIDTH
    table = Table(box=None, padding=(0, 1), header_style="dim")
    table.add_column("setting", overflow="fold")
    table.add_column("seeds", justify="right", no_wrap=True)
    for name in names:
        table.add_column(name, no_wrap=True)
    table.add_column("collapsed", no_wrap=True)
    for summary in summaries:
        seeds = f"{len(summary.seeds)}" + (f"/{summary.num_runs}" if len(summary.seeds) < summary.num_runs else "")
        scores = [_text(summary.scores.get(name), one_line=needed <= width) for name in names]
        table.add_row(Text(summary.name), seeds, *scores, _collapsed(summary.collapsed))
    return table


def _text(interval: Interval | None, *, one_line: bool) -> str:
    text = "-" if interval is None else str(interval)
    return text if one_line else text.replace(" (", "\n(")


def _collapsed(collapsed: Interval | None) -> Text:
    if collapsed is None:
        return Text("-")
    count = round(collapsed.value * collapsed.n)
    return Text(f"{count} of {collapsed.n}", "red" if count else "")


def _say(console: Console, text: str, style: str = "") -> None:
    console.print(Text(text, style=style), soft_wrap=True)
