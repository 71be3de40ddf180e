"""The live panel, drawn at 80 columns."""

import io

import pytest
from rich.console import Console

from formalrl.cli.panel import panel
from formalrl.cli.progress import PlainLines, RunProgress


def drawn(events, width: int = 80) -> list[str]:
    ticks = iter(range(10_000))
    silent = PlainLines(Console(file=io.StringIO()))
    state = RunProgress("arithmetic, grpo", "runs/a", silent, clock=lambda: float(next(ticks)))
    for kind, payload in events:
        state(kind, payload)
    out = io.StringIO()
    Console(file=out, width=width).print(panel(state, width))
    return out.getvalue().splitlines()


@pytest.mark.parametrize("width", [50, 80, 120])
def test_it_fits_the_width_at_every_moment(events, width: int):
    for count in range(1, len(events), 7):
        assert max(len(line) for line in drawn(events[:count], width)) <= width


def test_it_says_where_the_run_is(events):
    text = "\n".join(drawn(events[:30]))
    for words in (
        "arithmetic, grpo",
        "runs/a",
        "training",
        "18/40",
        "left",
        "0.680",
        "one fixed answer 0.748",
        "2,345",
    ):
        assert words in text
    assert "the policy gives 2 distinct answers" in text


def test_notes_stay_in_sight(events):
    assert any(line.strip().startswith("! entropy fell") for line in drawn(events))


def test_a_phase_without_steps_has_no_bar(events):
    assert any("loading the model ..." in line for line in drawn(events[:1]))


def test_length_stands_where_there_is_no_reference():
    step = {"step": 1, "max_steps": 2, "completions/length_mean": 7.5}
    text = "\n".join(drawn([("phase", {"name": "train"}), ("step", step)]))
    assert "length" in text
    assert "7.5" in text
    assert "KL" not in text
