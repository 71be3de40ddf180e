"""The last screen of a run: what was learned, where things are, what to type next."""

import json
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from formalrl.cli.panel import VERDICT_STYLES

NUM_EXAMPLES = 5
_COMPARED = (
    ("accuracy", "accuracy on held-out prompts", ".3f"),
    ("reward", "reward", ".3f"),
    ("entropy", "entropy, nats", ".2f"),
    ("prompt_dependence", "prompt dependence, 0 to 1", ".3f"),
    ("num_distinct", "distinct answers", "d"),
    ("ref_perplexity", "perplexity under the reference", ",.1f"),
    ("kl_ref", "KL to the reference, nats a token", ".3f"),
)
_LANGUAGE = (
    ("length_mean", "length, tokens", ".1f"),
    ("distinct_2", "distinct pairs of tokens", ".3f"),
    ("repetition", "repeated tokens", ".3f"),
    ("repeated_phrase_fraction", "one repeated phrase", ".3f"),
)
"""Shown where completions have more than one token."""
_BASELINES = (
    ("constant_baseline", "the best constant answer"),
    ("two_answer_baseline", "the best two answers"),
    ("eight_answer_baseline", "the best eight answers"),
    ("shuffled_reward", "answers to other prompts"),
)


def show_result(console: Console, title: str, summary: Mapping[str, Any], folder: Path) -> None:
    """Print what a run has learned. `summary` is the last evaluation, with `first`, the one before training."""
    first, last = summary.get("first") or {}, summary
    console.print()
    console.print(Text.assemble((f"{title}:", "bold"), f" {_headline(first, last)}"))
    console.print()
    console.print(Padding(_comparison(first, last), (0, 0, 0, 2), expand=False))
    if last.get("verdict_sentence"):
        style = VERDICT_STYLES.get(str(last.get("verdict")), "")
        console.print(Padding(Text(str(last["verdict_sentence"]), style=style), (1, 0, 0, 2), expand=False))
    examples = before_and_after(read_samples(folder / "samples.jsonl"), NUM_EXAMPLES)
    if examples:
        console.print()
        console.print(Padding(_examples(examples, console.width - 4), (0, 0, 0, 2), expand=False))
    console.print()
    _show_paths(console, summary, folder)
    show_next(console, [f"eval {_quoted(folder)}", f"sample {_quoted(folder)}"])


def show_next(console: Console, commands: Sequence[str]) -> None:
    """Print the next commands to type."""
    console.print()
    console.print(Text("  next", style="bold"))
    for command in commands:
        console.print(Text(f"    formalrl {command}"), soft_wrap=True)
    console.print()


def show_evaluation(console: Console, title: str, row: Mapping[str, Any]) -> None:
    """Print one evaluation."""
    console.print()
    console.print(Text.assemble((f"{title}:", "bold"), f" {row.get('n', 0)} prompts"))
    console.print()
    console.print(Padding(_comparison({}, row), (0, 0, 0, 2), expand=False))
    if row.get("verdict_sentence"):
        style = VERDICT_STYLES.get(str(row.get("verdict")), "")
        console.print(Padding(Text(str(row["verdict_sentence"]), style=style), (1, 0, 0, 2), expand=False))
    console.print()


def read_samples(path: Path) -> list[dict[str, Any]]:
    """Return the lines of samples.jsonl; a last line that is torn is left out."""
    rows: list[dict[str, Any]] = []
    for text in path.read_text(encoding="utf-8").splitlines() if path.is_file() else []:
        try:
            rows.append(json.loads(text))
        except json.JSONDecodeError:
            break
    return rows


def before_and_after(
    samples: Sequence[Mapping[str, Any]], count: int
) -> list[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Return up to `count` pairs of evaluation samples of one prompt, at the first and at the last step."""
    rows = [row for row in samples if row.get("split") == "eval"]
    steps = sorted({row["step"] for row in rows})
    if len(steps) < 2:
        return []
    at_first = {json.dumps(row["prompt"]): row for row in rows if row["step"] == steps[0]}
    pairs: dict[str, tuple[Mapping[str, Any], Mapping[str, Any]]] = {}
    for row in rows:
        key = json.dumps(row["prompt"])
        if row["step"] == steps[-1] and key in at_first:
            pairs.setdefault(key, (at_first[key], row))
    return list(pairs.values())[:count]


def clip(text: str, width: int, *, keep_end: bool = False) -> str:
    """Return the text on one line and at most `width` characters long."""
    text = text.replace("\n", "\\n").replace("\t", "\\t")
    text = "".join(letter if letter.isprintable() else "?" for letter in text)
    if len(text) <= width:
        return text
    return f"...{text[3 - width :]}" if keep_end else f"{text[: width - 3]}..."


def text_of(prompt: Any) -> str:
    """Return a prompt as text; of chat messages the last one."""
    return prompt if isinstance(prompt, str) else str(prompt[-1].get("content", "")) if prompt else ""


def _headline(first: Mapping[str, Any], last: Mapping[str, Any]) -> str:
    for key in ("accuracy", "reward"):
        if last.get(key) is not None:
            before = "" if first.get(key) is None else f"{first[key]:.3f} -> "
            return f"{key} {before}{last[key]:.3f} on {last.get('n', 0)} held-out prompts"
    return ""


def _comparison(first: Mapping[str, Any], last: Mapping[str, Any]) -> Table:
    table = Table.grid(padding=(0, 3))
    table.add_column()
    table.add_column(justify="right")
    table.add_column(justify="right")
    if first:
        table.add_row("", Text("before", "dim"), Text("after", "dim"))
    has_language = last.get("repeated_phrase_fraction") is not None
    for key, name, form in (*_COMPARED, *(_LANGUAGE if has_language else ())):
        if last.get(key) is not None:
            before = "" if first.get(key) is None else format(first[key], form)
            cells = [Text(before), Text(format(last[key], form), "bold")]
            table.add_row(name, *(cells if first else cells[1:]))
    shown = [(name, last[key]) for key, name in _BASELINES if last.get(key) is not None]
    if shown:
        table.add_row("")
        table.add_row(Text("reward that needs no understanding", "dim"))
    for name, value in shown:
        answer = last.get("best_constant_answer")
        label = f"{name} {clip(repr(answer), 20)}" if name.endswith("constant answer") and answer is not None else name
        table.add_row(f"  {label}", *([""] if first else []), f"{value:.3f}")
    return table


def _examples(pairs: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]], width: int) -> Table:
    answers = [str(row["completion"]).strip() for pair in pairs for row in pair]
    for_answer = min(max(map(len, answers)), max(8, width // 4))
    for_prompt = width - 2 * (for_answer + 6) - 6  # a mark or a reward after every answer, gaps between columns
    table = Table.grid(padding=(0, 3))
    table.add_row(Text("held-out prompt", "dim"), Text("before", "dim"), Text("after", "dim"))
    for before, after in pairs:
        prompt = Text(clip(text_of(before["prompt"]), for_prompt, keep_end=True))
        table.add_row(prompt, _answer(before, for_answer), _answer(after, for_answer))
    return table


def _answer(row: Mapping[str, Any], width: int) -> Text:
    completion = str(row["completion"]).strip()
    text = Text(clip(completion, width) if completion else "(empty)", style="" if completion else "dim")
    if row.get("correct") is not None:
        text.append(" ✓" if row["correct"] else " ✗", style="green" if row["correct"] else "red")
    elif row.get("reward") is not None:
        text.append(f" {row['reward']:.2f}", style="dim")
    elif row.get("error"):
        text.append(f" {row['error']}", style="red")
    return text


def _show_paths(console: Console, summary: Mapping[str, Any], folder: Path) -> None:
    found = {"run folder": str(folder)}
    if (folder / "report.html").is_file():
        found["report"] = str(folder / "report.html")
    best, value = folder / "best", summary.get("best_value")
    if best.is_dir():
        found["best checkpoint"] = f"{best}" + (
            "" if value is None else f"  (step {summary.get('best_step')}, {value:.3f})"
        )
    checkpoints = sorted(folder.glob("checkpoint-*"), key=lambda path: (len(path.name), path.name))
    if checkpoints:
        found["last checkpoint"] = str(checkpoints[-1])
    for name, path in found.items():
        console.print(Text.assemble("  ", (f"{name:<18}", "dim"), path), soft_wrap=True)


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))
