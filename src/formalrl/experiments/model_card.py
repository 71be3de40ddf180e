"""The model card of a run: what the model is, what it was trained on, how good it is, how to load it."""

import os
import re
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from formalrl.experiments.runs import RunFolder, read_run
from formalrl.experiments.settings import (
    changed_settings,
    model_in_words,
    part_in_words,
    regularizers_in_words,
    reproduce_command,
)
from formalrl.experiments.showing import show_number, show_percent, show_setting, show_text

TEMPLATES = Path(__file__).parent / "templates"
RESULTS = (
    ("Accuracy", "accuracy", show_percent),
    ("Mean reward", "reward", show_number),
    ("Best constant answer's reward", "constant_baseline", show_number),
    ("Best two answers' reward", "two_answer_baseline", show_number),
    ("Best eight answers' reward", "eight_answer_baseline", show_number),
    ("Reward against other prompts' references", "shuffled_reward", show_number),
    ("Prompt dependence", "prompt_dependence", show_percent),
    ("Distinct answers", "num_distinct", show_number),
    ("Share of the most common answer", "most_common_share", show_percent),
    ("Entropy (nats a token)", "entropy", show_number),
    ("KL to the reference (nats a token)", "kl_ref", show_number),
    ("Perplexity under the reference", "ref_perplexity", show_number),
    ("Distinct pairs of tokens", "distinct_2", show_number),
    ("Completions of one repeated phrase", "repeated_phrase_fraction", show_percent),
)


def write_model_card(run_dir: str | Path) -> Path:
    """Write `README.md` into a run folder and return its path. Raises ConfigError without a run."""
    run = read_run(run_dir)
    path = run.path / "README.md"
    temporary = path.with_name(".README.md.new")
    temporary.write_text(render_model_card(run), encoding="utf-8", errors="backslashreplace")
    os.replace(temporary, path)
    return path


def render_model_card(run: RunFolder) -> str:
    """Return the card as Markdown, with the head that the Hugging Face hub reads."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=False,  # Markdown; values from outside go through `cell`, which leaves no markup active
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"cell": cell}
    first, last = (run.evals[0], run.last_eval) if run.evals else ({}, {})
    measured = [row for row in RESULTS if last.get(row[1]) is not None]
    rows = [(name, show(first.get(key)), show(last.get(key))) for name, key, show in measured]
    return environment.get_template("model_card.md.j2").render(
        head=yaml.safe_dump(_head(run), sort_keys=False, allow_unicode=True).strip(),
        title=f"{run.task_name}, {run.path.resolve().name}",
        run=run,
        base=model_in_words(run.config),
        task=part_in_words(run.config.get("task")),
        algorithm=part_in_words(run.config.get("algorithm")),
        regularizers=regularizers_in_words(run.config.get("regularizers")),
        changed={key: show_setting(value) for key, value in changed_settings(run.config).items()},
        results=rows,
        steps=(first.get("step", 0), last.get("step", 0)),
        sentence=last.get("verdict_sentence") or "There is no evaluation yet.",
        checkpoint=str(run.config.get("hub_model_id") or newest_checkpoint(run.path)),
        command=reproduce_command(run),
    )


def _head(run: RunFolder) -> dict[str, Any]:
    """Return the metadata block. A folder as base model is no name on the hub, so it is left out."""
    base = run.config.get("model_name_or_path")
    head: dict[str, Any] = {
        "library_name": "transformers",
        "pipeline_tag": "text-generation",
        "tags": ["formalrl", "reinforcement-learning", show_text(run.task_name, 80)],
    }
    if isinstance(base, str) and re.fullmatch(r"[\w.-]+(/[\w.-]+)?", base) and not Path(base).exists():
        head["base_model"] = base
    return head


def newest_checkpoint(run_dir: Path) -> str:
    """Return the path of the newest `checkpoint-N` in a run folder, or what to write where there is none yet."""
    numbers = [int(path.name.rpartition("-")[2]) for path in run_dir.glob("checkpoint-*") if _is_numbered(path)]
    return str(run_dir / f"checkpoint-{max(numbers)}") if numbers else str(run_dir / "checkpoint-N")


def _is_numbered(path: Path) -> bool:
    return path.is_dir() and path.name.rpartition("-")[2].isdecimal()


def cell(value: Any) -> str:
    """Return text for one cell of a Markdown table: one line, cut, with markup characters escaped."""
    line = " ".join(show_text(str(value), 300).split())
    return re.sub(r"([\\`*_\[\]<>|#$~])", r"\\\1", line)
