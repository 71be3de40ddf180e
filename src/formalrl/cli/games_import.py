"""What `formalrl games import-ludii` says while it works: a bar on a terminal, some lines elsewhere."""

from collections.abc import Callable, Generator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from formalrl.cli.output import progress

NUM_LINES = 5
"""Lines about how far it is, where there is no terminal."""


@contextmanager
def show_import() -> "Generator[Callable[[int, int, str], None], None, None]":
    """Yield what to tell after each game: how many are done, of how many, and why it failed."""
    console = progress()
    if not console.is_terminal:

        def line(done: int, total: int, why: str) -> None:
            if why:
                console.print(f"left out {why}", markup=False, soft_wrap=True)
            if done == total or done * NUM_LINES // total > (done - 1) * NUM_LINES // total:
                console.print(f"expanded {done} of {total} games", markup=False)

        yield line
        return
    columns = (TextColumn("expanding"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("expanding", total=None)

        def move(done: int, total: int, why: str) -> None:
            if why:
                bar.console.print(f"left out {why}", markup=False, soft_wrap=True)
            bar.update(task, completed=done, total=total)

        yield move
