"""What a run says while it runs: a live display on a terminal, plain lines elsewhere. Driven by events only."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from rich.console import Console
from rich.live import Live
from rich.text import Text

from formalrl.cli.panel import PHASES, duration, panel

NUM_LINES = {"step": 20, "sft_step": 4}
"""Event -> plain lines that all events of its kind make, about."""


class Display(Protocol):
    """Shows the state of a run."""

    def show(self, state: "RunProgress", kind: str) -> None:
        """Show the state after an event of this kind."""
        ...

    def close(self) -> None:
        """Leave the terminal as it was."""
        ...


@dataclass
class RunProgress:
    """The latest of everything that a run has told: `state(kind, payload)` takes an event in."""

    title: str
    """Task and algorithm."""
    folder: str
    """Where the run is, as far as is known."""
    display: Display
    clock: Callable[[], float] = time.monotonic
    phase: str = ""
    step: int = 0
    num_steps: int = 0
    """Of the phase."""
    metrics: Mapping[str, Any] = field(default_factory=dict)
    evaluation: Mapping[str, Any] = field(default_factory=dict)
    loss: float | None = None
    """Of the warm start."""
    notes: list[str] = field(default_factory=list)
    checkpoint: str = ""
    _first: tuple[int, float] | None = None
    """Step and time when the phase's first step was done."""
    _now: float = 0.0

    def __call__(self, kind: str, payload: Mapping[str, Any]) -> None:
        """Take an event in and show it."""
        self._now = self.clock()
        if kind == "phase":
            self.phase, self.step, self.num_steps, self._first = str(payload["name"]), 0, 0, None
        elif kind == "sft_step":
            self.loss = payload.get("loss")
            self._advance(int(payload["step"]), int(payload["num_steps"]))
        elif kind == "step":
            self.metrics = dict(payload)
            self._advance(int(payload["step"]), int(payload["max_steps"]))
        elif kind == "eval":
            self.evaluation = dict(payload)
        elif kind == "checkpoint":
            self.checkpoint = str(payload["path"])
        elif kind == "note":
            if str(payload["text"]) in self.notes:
                return
            self.notes.append(str(payload["text"]))
        self.display.show(self, kind)

    def _advance(self, step: int, num_steps: int) -> None:
        self.step, self.num_steps = step, num_steps
        if self._first is None:
            self._first = (step, self._now)

    @property
    def seconds_left(self) -> float | None:
        """Seconds to the end of the phase, from its mean speed so far; None before the second step."""
        if self._first is None or self.step <= self._first[0]:
            return None
        return (self._now - self._first[1]) / (self.step - self._first[0]) * (self.num_steps - self.step)


@dataclass
class PlainLines:
    """A line every few steps, without control characters."""

    console: Console

    def show(self, state: RunProgress, kind: str) -> None:
        """Print the event where it is worth a line."""
        if kind == "phase" and state.phase in PHASES and state.phase != "evaluate":
            self._print(f"{PHASES[state.phase]} ...")
        elif kind in NUM_LINES and _worth_a_line(state.step, state.num_steps, NUM_LINES[kind]):
            self._print(line(state))
        elif kind == "eval":
            self._print(evaluation_line(state.evaluation))
        elif kind == "note":
            self._print(f"note: {state.notes[-1]}")
        elif kind == "checkpoint":
            self._print(f"saved {state.checkpoint}")

    def close(self) -> None:
        """Nothing to leave."""

    def _print(self, text: str) -> None:
        self.console.print(Text(text), soft_wrap=True)


@dataclass
class LiveDisplay:
    """One calm panel that is redrawn in place."""

    console: Console
    _live: Live | None = None

    def show(self, state: RunProgress, kind: str) -> None:
        """Redraw; the first event opens the panel."""
        shown = panel(state, self.console.width)
        if self._live is None:
            self._live = Live(shown, console=self.console, refresh_per_second=4, transient=True)
            self._live.start()
        self._live.update(shown)

    def close(self) -> None:
        """Remove the panel and show the cursor again."""
        if self._live is not None:
            self._live.stop()
            self._live = None


def make_display(console: Console) -> Display:
    """Return a live display for a terminal that can be redrawn, else plain lines."""
    return LiveDisplay(console) if console.is_terminal and not console.is_dumb_terminal else PlainLines(console)


def line(state: RunProgress) -> str:
    """Return the step in one line: `step 20/300  reward 0.913  entropy 1.32  2,310 completions/s  0:42 left`."""
    if state.phase == "warm_start":
        loss = "" if state.loss is None else f"  loss {state.loss:.3f}"
        return f"warm start {state.step}/{state.num_steps}{loss}"
    parts = [f"step {state.step}/{state.num_steps}"]
    for key, text in _STEP_TEXTS.items():
        if state.metrics.get(key) is not None:
            parts.append(text.format(state.metrics[key]))
    if state.seconds_left is not None and state.step < state.num_steps:
        parts.append(f"{duration(state.seconds_left)} left")
    return "  ".join(parts)


def evaluation_line(row: Mapping[str, Any]) -> str:
    """Return an evaluation in one line."""
    accuracy = "" if row.get("accuracy") is None else f"accuracy {row['accuracy']:.3f}, "
    reward = "none" if row.get("reward") is None else f"{row['reward']:.3f}"
    best = row.get("constant_baseline")
    against = "" if best is None else f" (best constant answer {best:.3f})"
    sentence = str(row.get("verdict_sentence") or "")
    prefix = f"step {row.get('step', 0)}"
    sentence = sentence.removeprefix(f"{prefix}: ")
    told = "; ".join(part for part in (_language(row), sentence) if part)
    return f"evaluation at {prefix}: {accuracy}reward {reward}{against}{'; ' if told else ''}{told}"


def _language(row: Mapping[str, Any]) -> str:
    """What the reward has cost in language; nothing for answers of one token, where it says nothing."""
    if row.get("repeated_phrase_fraction") is None:
        return ""
    parts = [text.format(row[key]) for key, text in _LANGUAGE_TEXTS.items() if row.get(key) is not None]
    return f"language: {', '.join(parts)}"


def _worth_a_line(step: int, num_steps: int, num_lines: int) -> bool:
    return step in (1, num_steps) or step % max(1, num_steps // num_lines) == 0


_LANGUAGE_TEXTS = {
    "ref_perplexity": "perplexity {:,.1f}",
    "kl_ref": "KL {:.3f}",
    "distinct_2": "distinct pairs {:.3f}",
    "repetition": "repetition {:.3f}",
    "repeated_phrase_fraction": "one phrase {:.3f}",
}
_STEP_TEXTS = {
    "reward/mean": "reward {:.3f}",
    "train/accuracy": "accuracy {:.3f}",
    "policy/entropy": "entropy {:.2f}",
    "policy/batch_entropy": "batch entropy {:.2f}",
    "policy/kl_ref": "KL {:.3f}",
    "policy/ref_perplexity": "perplexity {:,.1f}",
    "throughput/completions_per_s": "{:,.0f} completions/s",
}
