"""One self-contained page about a run: the verdict first, then curves, completions before and after, speed."""

import os
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from formalrl.diagnostics.alarms import alarms
from formalrl.experiments.charts import charts_of
from formalrl.experiments.model_card import write_model_card
from formalrl.experiments.plots import draw_svg, series
from formalrl.experiments.runs import Row, RunFolder, read_run
from formalrl.experiments.settings import changed_settings, flattened, reproduce_command, what_and_how
from formalrl.experiments.showing import show_number, show_percent, show_seconds, show_setting, show_text

__all__ = ["write_model_card", "write_report"]

MAX_PAIRS = 24
MAX_TOP_ANSWERS = 12
MAX_TRACEBACK = 3000
TEMPLATES = Path(__file__).parent / "templates"
VERDICT_MARKS = {"healthy": "✓", "learning": "↗", "collapsed": "✗", "unknown": "?"}
PHASES = (
    ("selecting prompts", "time/select_s"),
    ("sampling", "time/sample_s"),
    ("reward", "time/reward_s"),
    ("update", "time/update_s"),
)


def write_report(run_dir: str | Path) -> Path:
    """Write `report.html` into a run folder, finished or not, and return its path. Raises ConfigError without a run."""
    run = read_run(run_dir)
    return write_page(run.path / "report.html", render_report(run))


def write_page(path: Path, text: str) -> Path:
    """Write a page in one go, so that nobody sees half of it, and return its path."""
    temporary = path.with_name(f".{path.name}.new")
    temporary.write_text(text, encoding="utf-8", errors="backslashreplace")
    os.replace(temporary, path)
    return path


def render_report(run: RunFolder) -> str:
    """Return the page. Everything that a model or a task wrote is shown as text, never as markup."""
    charts = [(chart, Markup(draw_svg(chart))) for chart in charts_of(run)]
    verdict = str(run.last_eval.get("verdict", "unknown"))
    verdict = verdict if verdict in VERDICT_MARKS else "unknown"
    return (
        page_environment()
        .get_template("report.html.j2")
        .render(
            run=run,
            title=f"{run.task_name}, {run.path.resolve().name}",
            state=run_state(run),
            verdict=verdict,
            mark=VERDICT_MARKS[verdict],
            sentence=run.last_eval.get("verdict_sentence") or _without_evaluation(run),
            tiles=tiles(run),
            alarms=alarms(run.metrics, run.evals),
            about=what_and_how(run),
            charts=charts,
            pairs=sample_pairs(run),
            steps=shown_steps(run),
            top_answers=_top_answers(run.last_eval),
            speed=speed(run),
            changed=changed_settings(run.config),
            settings=flattened(run.config),
            command=reproduce_command(run),
            ran=run.facts.get("command", ""),
            max_traceback=MAX_TRACEBACK,
            marks=VERDICT_MARKS,
        )
    )


def page_environment() -> Environment:
    """Return the templates of pages, in which everything is escaped, and what shows text and numbers in them."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "text": show_text,
        "number": show_number,
        "percent": show_percent,
        "setting": show_setting,
        "seconds": show_seconds,
    }
    return environment


def run_state(run: RunFolder) -> str:
    """Return `finished`, or how far the run has come."""
    wanted = run.config.get("max_steps")
    if isinstance(wanted, int) and run.last_step < wanted:
        return f"step {run.last_step} of {wanted}: still running, or stopped early"
    return f"finished after {run.last_step} steps"


def _without_evaluation(run: RunFolder) -> str:
    return f"step {run.last_step}: there is no evaluation yet, so nothing can be said of the policy"


def tiles(run: RunFolder) -> list[dict[str, str]]:
    """Return the few numbers that matter, each with its value at the first evaluation and what to compare it with."""
    if not run.evals:
        return []
    first, last = run.evals[0], run.last_eval
    wanted = [
        ("Accuracy", "accuracy", show_percent, f"on {show_number(last.get('n'))} held-out prompts"),
        ("Reward", "reward", show_number, f"best constant answer {show_number(last.get('constant_baseline'))}"),
        ("Prompt dependence", "prompt_dependence", show_percent, "of log N; 0 % ignores the prompts"),
        ("Distinct answers", "num_distinct", show_number, _share(last)),
        (
            "Perplexity",
            "ref_perplexity",
            show_number,
            f"under the reference; KL {show_number(last.get('kl_ref'))} nats a token",
        ),
    ]
    found = []
    for name, key, show, note in wanted:
        if last.get(key) is None:
            continue
        before = f"was {show(first[key])} at step {first['step']}" if len(run.evals) > 1 and key in first else ""
        found.append({"name": name, "value": show(last[key]), "before": before, "note": note})
    return found


def _share(row: Row) -> str:
    share = row.get("most_common_share")
    return f"most common: {show_percent(share)}" if share is not None else ""


def shown_steps(run: RunFolder) -> list[int | None]:
    """Return the steps whose completions are shown side by side: the first, the middle, the last; those there are."""
    samples = run.samples
    steps = [samples.first_step, samples.middle_step] if samples.after else []
    return [step for step in steps if step is not None] + [samples.last_step]


def sample_pairs(run: RunFolder) -> list[dict[str, Any]]:
    """Return prompts with the completions before, halfway and after, ready to show, a cell a step of `shown_steps`."""
    pairs = run.samples.pairs()[:MAX_PAIRS]
    num_cells = len(shown_steps(run))
    lines = [[before, run.samples.halfway(after), after] for before, after in pairs]
    shown = [{1: line[2:], 2: [line[0], line[2]]}.get(num_cells, line) for line in lines]
    rewards = [row["reward"] for line in shown for row in line if row and isinstance(row.get("reward"), int | float)]
    low, high = (min(rewards), max(rewards)) if rewards else (0.0, 0.0)
    return [
        {
            "prompt": after.get("prompt"),
            "columns": ", ".join(f"{k} = {show_setting(v)}" for k, v in dict(after.get("columns") or {}).items()),
            "cells": [sample_cell(row, low, high) for row in line],
        }
        for (_, after), line in zip(pairs, shown, strict=True)
    ]


def sample_cell(row: Row | None, low: float, high: float) -> dict[str, Any] | None:
    """Return a completion ready to show, its reward colored by where it lies between `low` and `high`."""
    if row is None:
        return None
    reward = row.get("reward")
    is_number = isinstance(reward, int | float)
    tone = round(4 * (reward - low) / (high - low)) if is_number and high > low else 2
    return {
        "text": row.get("completion") or "",
        "reward": f"{reward:.3f}" if is_number and abs(reward) < 100 else show_number(reward) if is_number else None,
        "tone": tone,
        "correct": row.get("correct"),
        "error": row.get("error"),
        "parts": ", ".join(f"{k} {show_number(v)}" for k, v in dict(row.get("parts") or {}).items()),
    }


def _top_answers(row: Row) -> list[tuple[str, float]]:
    pairs = row.get("top_answers") or []
    return [(str(answer), float(share)) for answer, share in pairs[:MAX_TOP_ANSWERS]]


def speed(run: RunFolder) -> dict[str, Any] | None:
    """Return median times, throughput and memory; None without metrics. The first step (start-up) is left out."""
    rows = run.metrics[1:] if len(run.metrics) > 2 else run.metrics
    step = _median(rows, "time/step_s")
    if step is None:
        return None
    phases = [(name, value) for name, key in PHASES if (value := _median(rows, key))]
    rest = step - sum(value for _, value in phases)
    phases += [("rest", rest)] if rest > 0.005 * step else []
    memory = series(rows, "memory/peak_gib")
    return {
        "step": step,
        "total": sum(value for _, value in series(run.metrics, "time/step_s")),
        "phases": [(name, value, value / max(step, sum(v for _, v in phases))) for name, value in phases],
        "completions": _median(rows, "throughput/completions_per_s"),
        "tokens": _median(rows, "throughput/tokens_per_s"),
        "memory": max((value for _, value in memory), default=None),
    }


def _median(rows: Sequence[Mapping[str, Any]], key: str) -> float | None:
    values = [value for _, value in series(rows, key)]
    return statistics.median(values) if values else None
