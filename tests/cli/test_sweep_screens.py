"""The plan before a sweep and the table after it."""

import io
from pathlib import Path

from rich.console import Console

from formalrl.cli.sweep_screens import show_plan, show_sweep
from formalrl.config import resolve
from formalrl.experiments.sweep import sweep_from
from formalrl.experiments.sweep_runs import RunStatus
from formalrl.experiments.sweep_summary import summarize

GRID = {"regularizers.entropy.coef": [0, 0.1], "regularizers.batch_entropy.coef": [0, 0.05]}


def finished(root: Path) -> list[RunStatus]:
    config = resolve({"task": "arithmetic", "max_steps": 4})
    found = [RunStatus(run, config, root) for run in sweep_from({"task": "arithmetic", "grid": GRID}).runs(root)]
    for number, status in enumerate(found):
        status.state = "done"
        verdict = "collapsed" if number < 2 else "healthy"
        status.evaluation = {"step": 4, "accuracy": number / 100, "reward": 0.5, "verdict": verdict}
    return found


def printed(show, *arguments, width: int = 80) -> str:
    console = Console(file=io.StringIO(), width=width)
    show(console, *arguments)
    return console.file.getvalue()  # pyright: ignore[reportAttributeAccessIssue]


def test_the_table_fits_80_columns_with_an_interval_for_every_mean(tmp_path: Path):
    statuses = finished(tmp_path)
    text = printed(show_sweep, Path("runs/a"), statuses, summarize(statuses))
    assert max(map(len, text.splitlines())) <= 80
    rows = text.splitlines()
    assert rows[1].split() == ["setting", "seeds", "accuracy", "reward", "collapsed"]
    assert rows[2].split()[-6:] == ["5", "0.020", "0.500", "2", "of", "5"]
    assert rows[3].split()[-6:-3] == ["(0.010", "to", "0.030)"] or "(0.0" in rows[3]
    assert "20 of 20 runs done" in text and "runs/a/summary.json" in text
    wide = printed(show_sweep, Path("runs/a"), statuses, summarize(statuses), width=120)
    assert "0.500 (0.500 to 0.500)  2 of 5" in wide


def test_failures_show_their_last_lines(tmp_path: Path):
    statuses = finished(tmp_path)
    for status in statuses[:5]:
        status.state, status.code = "failed", 2
        status.log.parent.mkdir(exist_ok=True)
        status.log.write_text("loading\nerror: no such model\n")
    text = printed(show_sweep, Path("runs/a"), statuses, summarize(statuses))
    assert text.count("failed with exit code 2") == 3
    assert "  error: no such model" in text
    assert "2 more failed runs" in text and "15 of 20 runs done" in text
    assert "0/5" in text


def test_the_plan_lists_settings_and_seeds():
    text = printed(show_plan, Path("runs/a"), sweep_from({"task": "arithmetic", "grid": GRID, "seeds": 2}))
    assert "8 runs in runs/a: 4 settings, seeds 0, 1" in text
    assert "regularizers.entropy.coef 0.1" in " ".join(text.split())
    assert "1 run in a: 1 setting, seeds 0" in printed(show_plan, Path("a"), sweep_from({"task": "t", "seeds": 1}))
