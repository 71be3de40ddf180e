"""What a sweep says while it runs: one live table of all runs on a terminal, a line a change elsewhere."""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from formalrl.cli.panel import VERDICT_STYLES, duration
from formalrl.experiments.sweep import short_keys, show_value
from formalrl.experiments.sweep_runs import DONE, FAILED, RUNNING, STOPPED, WAITING, RunStatus

STATE_STYLES = {RUNNING: "cyan", DONE: "green", FAILED: "red", STOPPED: "yellow", WAITING: "dim"}
MAX_NAME = 30
"""Characters of a setting's name that leave room for the rest on 80 columns."""
HEARTBEAT_S = 60.0
"""Between two lines on how far the sweep is, where it is no terminal."""
_URGENCY = (FAILED, RUNNING, STOPPED, DONE, WAITING)
"""Which runs are shown first where not all fit on the screen."""


class SweepDisplay(Protocol):
    """Shows how the runs stand."""

    def change(self, status: RunStatus | None, stops: int) -> None:
        """Show a run that changed its state, or with None the progress of all; `stops` were asked for."""
        ...

    def close(self) -> None:
        """Leave the terminal as it was."""
        ...


def make_display(console: Console, root: Path, statuses: Sequence[RunStatus]) -> SweepDisplay:
    """Return a live table for a terminal that can be redrawn, else plain lines."""
    if console.is_terminal and not console.is_dumb_terminal:
        return LiveTable(console, root, statuses)
    return PlainChanges(console, root, statuses)


@dataclass
class LiveTable:
    """One table that is redrawn in place."""

    console: Console
    root: Path
    statuses: Sequence[RunStatus]
    _live: Live | None = None

    def change(self, status: RunStatus | None, stops: int) -> None:
        """Redraw; the first call opens the table."""
        shown = live_table(self.root, self.statuses, self.console.height, stops)
        if self._live is None:
            self._live = Live(shown, console=self.console, refresh_per_second=4, transient=True)
            self._live.start()
        self._live.update(shown)

    def close(self) -> None:
        """Remove the table and show the cursor again."""
        if self._live is not None:
            self._live.stop()
            self._live = None


@dataclass
class PlainChanges:
    """A line for every change, without control characters."""

    console: Console
    root: Path
    statuses: Sequence[RunStatus]
    clock: Callable[[], float] = time.monotonic
    _last: float | None = None
    _stops: int = 0
    _told: set[str] = field(default_factory=set)

    def change(self, status: RunStatus | None, stops: int) -> None:
        """Print what is worth a line."""
        now = self.clock()
        if self._last is None:
            self._last = now
            self._print(f"{self.root}: {len(self.statuses)} runs, {counts(self.statuses)}")
        if stops != self._stops:
            self._stops = stops
            self._print(stopping(stops))
        if status is not None:
            self._print(line(status))
        elif now - self._last >= HEARTBEAT_S:
            self._last = now
            self._print(counts(self.statuses))

    def close(self) -> None:
        """Nothing to leave."""

    def _print(self, text: str) -> None:
        self.console.print(Text(text), soft_wrap=True)


def counts(statuses: Sequence[RunStatus]) -> str:
    """Return `2 running, 3 done, 1 failed, 4 waiting`."""
    number = Counter(status.state for status in statuses)
    return ", ".join(f"{number[state]} {state}" for state in (RUNNING, DONE, FAILED, STOPPED, WAITING) if number[state])


def stopping(stops: int) -> str:
    """Return what an interrupted sweep is waiting for."""
    if stops == 1:
        return (
            "stopping: the runs end after the step under way and can go on from there; Ctrl-C again ends them at once"
        )
    return "ending the runs at once"


def line(status: RunStatus) -> str:
    """Return the state of a run in one line."""
    text = f"{status.run.name}: {status.state}"
    if status.state == RUNNING:
        return f"{text} ({'continued, ' if status.step else ''}{status.run.folder})"
    numbers = [f"{name} {value}" for name, value in zip(("accuracy", "reward"), _scores(status), strict=True) if value]
    verdict = status.evaluation.get("verdict")
    numbers += [str(verdict)] if verdict else []
    if status.state == FAILED:
        last = status.last_lines()[-1:]
        return f"{text} with exit code {status.code}{': ' if last else ''}{''.join(last)}"
    return f"{text} at step {status.step}, {', '.join([*numbers, duration(status.seconds)])}"


def live_table(root: Path, statuses: Sequence[RunStatus], height: int, stops: int = 0) -> RenderableType:
    """Return the table of the runs that fit on the screen, the others counted below it.

    Where the names of settings are long, the heading has the keys and the rows have the values only.
    """
    is_long = max(len(status.run.setting.name) for status in statuses) > MAX_NAME
    keys = short_keys(list(statuses[-1].run.setting.changes)) if is_long else {}
    room = max(3, height - 7)
    urgent = sorted(statuses, key=lambda status: _URGENCY.index(status.state))[:room]
    shown = [status for status in statuses if status in urgent] if len(statuses) > room else list(statuses)
    table = Table(box=None, padding=(0, 1), expand=True, header_style="dim")
    table.add_column("setting", ratio=1, no_wrap=True, overflow="ellipsis")
    for name in ("seed", "state", "step", "accuracy", "reward", "time"):
        table.add_column(name, justify="left" if name == "state" else "right", no_wrap=True)
    for status in shown:
        table.add_row(_name_of(status, keys), *_cells(status))
    hidden = len(statuses) - len(shown)
    rest = f"{hidden} more runs; " if hidden else ""
    rows: list[RenderableType] = [
        Text(
            f"{root}: {', '.join(keys.values())}" if keys else str(root),
            style="bold",
            no_wrap=True,
            overflow="ellipsis",
        ),
        Text(),
        table,
        Text(),
    ]
    rows.append(Text(f"{rest}{counts(statuses)} of {len(statuses)}", style="dim"))
    if stops:
        rows.append(Text(stopping(stops), style="yellow"))
    return Group(*rows)


def _name_of(status: RunStatus, keys: Mapping[str, str]) -> Text:
    changes = status.run.setting.changes
    if not keys or set(changes) != set(keys):
        return Text(status.run.setting.name)
    return Text(", ".join(show_value(changes[key]) for key in keys))


def _cells(status: RunStatus) -> list[Text]:
    accuracy, reward = _scores(status)
    verdict = str(status.evaluation.get("verdict"))
    style = VERDICT_STYLES.get(verdict, "") if status.state == DONE else ""
    return [
        Text(str(status.run.seed)),
        Text(status.state, STATE_STYLES[status.state]),
        Text(f"{status.step}/{status.config.max_steps}"),
        Text(accuracy or "-", style),
        Text(reward or "-", style),
        Text(duration(status.seconds) if status.seconds else "-"),
    ]


def _scores(status: RunStatus) -> tuple[str, str]:
    """Accuracy of the last evaluation; reward of the last step while it runs, of the last evaluation at its end."""
    reward = status.row.get("reward/mean") if status.state == RUNNING else None
    values = (status.evaluation.get("accuracy"), status.evaluation.get("reward") if reward is None else reward)
    accuracy, reward = ("" if value is None else f"{value:.3f}" for value in values)
    return accuracy, reward
