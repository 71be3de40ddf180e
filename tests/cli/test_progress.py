"""What a recorded run shows while it runs."""

import io

import pytest
from rich.console import Console

from formalrl.cli.progress import LiveDisplay, PlainLines, RunProgress, duration, evaluation_line, make_display


def played(display, events) -> RunProgress:
    ticks = iter(range(10_000))
    state = RunProgress("arithmetic, grpo", "runs/a", display, clock=lambda: float(next(ticks)))
    for kind, payload in events:
        state(kind, payload)
    display.close()
    return state


def test_plain_lines_are_few_and_have_no_control_characters(events):
    out = io.StringIO()
    played(PlainLines(Console(file=out, width=80)), events)
    text = out.getvalue()
    assert all(letter.isprintable() or letter == "\n" for letter in text)
    lines = text.splitlines()
    assert len(lines) < 45
    assert "warm start 8/8  loss 3.200" in lines
    step = next(line for line in lines if line.startswith("step 20/40"))
    assert "reward 0.700" in step
    assert "2,345 completions/s" in step
    assert "left" in step
    assert "left" not in next(line for line in lines if line.startswith("step 40/40"))
    assert lines.count("note: entropy fell to a tenth in 20 steps: raise regularizers.entropy.coef") == 1
    assert "saved runs/a/checkpoint-20" in lines
    assert any(line.startswith("evaluation at step 40: accuracy 0.981, reward 0.995") for line in lines)


def test_a_terminal_gets_one_panel_that_disappears(events):
    out = io.StringIO()
    console = Console(file=out, width=80, force_terminal=True)
    assert isinstance(make_display(console), LiveDisplay)
    played(make_display(console), events)
    assert "\x1b[?25h" in out.getvalue()  # the cursor is back


def test_no_terminal_gets_plain_lines():
    assert isinstance(make_display(Console(file=io.StringIO())), PlainLines)


def test_the_state_holds_the_latest_of_everything(events):
    state = played(PlainLines(Console(file=io.StringIO())), events)
    assert (state.phase, state.checkpoint) == ("report", "runs/a/checkpoint-40")
    assert state.metrics["step"] == 40
    assert state.evaluation["accuracy"] == 0.981
    assert len(state.notes) == 1


def test_time_left_is_the_mean_time_of_a_step_times_the_steps_left():
    now = iter([0.0, 10.0, 12.0, 14.0])
    state = RunProgress("t", "", PlainLines(Console(file=io.StringIO())), clock=lambda: next(now))
    state("phase", {"name": "train"})
    state("step", {"step": 5, "max_steps": 10})  # a resumed run: its first step counts from here
    assert state.seconds_left is None
    state("step", {"step": 6, "max_steps": 10})
    assert state.seconds_left == 8.0
    state("step", {"step": 7, "max_steps": 10})
    assert state.seconds_left == 6.0


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (42.4, "0:42"), (723, "12:03"), (7215, "2:00:15")])
def test_durations_read_like_a_clock(seconds: float, text: str):
    assert duration(seconds) == text


def test_what_the_reward_cost_in_language_is_said_of_completions_longer_than_a_token():
    row = {"step": 3, "reward": 0.5, "ref_perplexity": 1234.5, "distinct_2": 0.25, "repetition": 0.5}
    line = evaluation_line(row | {"repeated_phrase_fraction": 0.125, "verdict_sentence": "step 3: it learns"})
    said = "language: perplexity 1,234.5, distinct pairs 0.250, repetition 0.500, one phrase 0.125"
    assert line == f"evaluation at step 3: reward 0.500; {said}; it learns"
    assert "language" not in evaluation_line(row | {"repeated_phrase_fraction": None})


def test_an_evaluation_without_accuracy_or_reward_has_a_line():
    assert evaluation_line({"step": 3, "accuracy": None, "reward": None}) == "evaluation at step 3: reward none"
