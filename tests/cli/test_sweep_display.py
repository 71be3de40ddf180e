"""The live table and the plain lines of a sweep."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from formalrl.cli.sweep_display import LiveTable, PlainChanges, counts, line, live_table, make_display
from formalrl.config import resolve
from formalrl.experiments.sweep import sweep_from
from formalrl.experiments.sweep_runs import RunStatus


@pytest.fixture
def statuses(tmp_path: Path) -> list[RunStatus]:
    grid = {"regularizers.entropy.coef": [0, 0.1, 0.3], "regularizers.batch_entropy.coef": [0, 0.05]}
    sweep = sweep_from({"task": "arithmetic", "grid": grid, "seeds": 2})
    config = resolve({"task": "arithmetic", "max_steps": 40})
    found = [RunStatus(run, config, tmp_path) for run in sweep.runs(tmp_path)]
    found[0].state, found[0].seconds = "done", 83.0
    found[0].row, found[0].evaluation = (
        {"step": 40, "reward/mean": 0.7},
        {"step": 40, "accuracy": 0.981, "reward": 0.995, "verdict": "healthy"},
    )
    found[5].state, found[5].seconds, found[5].row = "running", 12.0, {"step": 7, "reward/mean": 0.412}
    found[6].state, found[6].code, found[6].seconds = "failed", 2, 1.0
    found[6].log.parent.mkdir()
    found[6].log.write_text("loading the model ...\nerror: the model is missing.\n")
    return found


def shown(renderable, width: int = 80) -> str:
    console = Console(file=io.StringIO(), width=width, height=50)
    console.print(renderable)
    return console.file.getvalue()  # pyright: ignore[reportAttributeAccessIssue]


def test_the_live_table_holds_every_run_at_80_columns(statuses: list[RunStatus]):
    text = shown(live_table(Path("runs/a"), statuses, height=50))
    lines = text.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0] == "runs/a: entropy.coef, batch_entropy.coef"  # too long for every row: there are the values
    assert [row.split()[:2] for row in lines[3:15:2]] == [
        [f"{a},", b] for a in ("0", "0.1", "0.3") for b in ("0", "0.05")
    ]
    done, running = lines[3].split(), lines[8].split()
    assert done[-6:] == ["0", "done", "40/40", "0.981", "0.995", "1:23"]
    assert running[-6:] == ["1", "running", "7/40", "-", "0.412", "0:12"]
    assert "1 running, 1 done, 1 failed, 9 waiting of 12" in text


def test_a_small_screen_shows_what_is_urgent_and_counts_the_rest(statuses: list[RunStatus]):
    text = shown(live_table(Path("runs/a"), statuses, height=11))
    assert len(text.splitlines()) <= 11
    assert "failed " in text and "running " in text and "done " in text
    assert "8 more runs; 1 running" in text


def test_a_stop_says_what_it_waits_for(statuses: list[RunStatus]):
    assert "Ctrl-C again" in " ".join(shown(live_table(Path("a"), statuses, height=50, stops=1)).split())
    assert "at once" in shown(live_table(Path("a"), statuses, height=50, stops=2))


def test_lines_say_what_happened(statuses: list[RunStatus]):
    assert line(statuses[0]).endswith("seed 0: done at step 40, accuracy 0.981, reward 0.995, healthy, 1:23")
    assert line(statuses[6]).endswith("failed with exit code 2: error: the model is missing.")
    assert "running (continued, " in line(statuses[5])
    assert counts(statuses) == "1 running, 1 done, 1 failed, 9 waiting"


def test_plain_changes_are_lines_and_a_heartbeat(statuses: list[RunStatus]):
    console, now = Console(file=io.StringIO(), width=80), [0.0]
    display = make_display(console, Path("runs/a"), statuses)
    assert isinstance(display, PlainChanges)
    display.clock = lambda: now[0]
    display.change(None, 0)
    display.change(statuses[0], 0)
    display.change(None, 0)
    now[0] = 61.0
    display.change(None, 0)
    display.change(None, 1)
    display.close()
    lines = console.file.getvalue().splitlines()  # pyright: ignore[reportAttributeAccessIssue]
    assert [text.split(":")[0] for text in lines] == [
        "runs/a",
        statuses[0].run.name,
        "1 running, 1 done, 1 failed, 9 waiting",
        "stopping",
    ]


def test_a_terminal_gets_a_table_that_leaves_nothing(statuses: list[RunStatus]):
    console = Console(file=io.StringIO(), width=80, height=30, force_terminal=True)
    display = make_display(console, Path("runs/a"), statuses)
    assert isinstance(display, LiveTable)
    display.change(None, 0)
    display.change(statuses[0], 0)
    display.close()
    text = console.file.getvalue()  # pyright: ignore[reportAttributeAccessIssue]
    assert text.rindex("\x1b[?25h") > text.index("\x1b[?25l")  # the cursor is back
