"""`formalrl sample`: completions of a run folder, a checkpoint or any model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.padding import Padding
from rich.text import Text

from formalrl.cli.evaluate import one_folder
from formalrl.cli.help import Command, show_help
from formalrl.cli.options import options_of, parse
from formalrl.cli.output import Outcome, results
from formalrl.cli.screens import clip, text_of

COMMAND = Command(
    "sample",
    "DIR [PROMPT ...] [OPTIONS]",
    "Show completions, with their rewards where the run's task can score them.",
    (
        "sample runs/arithmetic/demo",
        "sample runs/arithmetic/demo '5 + 3 =' --num-samples 4",
        "sample gpt2 'Once upon a time' --max-completion-length 20",
    ),
    "DIR is a run folder, a checkpoint, or a model on the Hugging Face hub. Without PROMPT: held-out prompts.",
)


@dataclass(frozen=True)
class SampleOptions:
    """Options of `formalrl sample`."""

    num_samples: int = 1
    """Completions of each prompt."""
    num_prompts: int = 8
    """Held-out prompts to show, where none is given."""
    temperature: float = 1.0
    """Of sampling; 0: the likeliest token."""
    max_completion_length: int | None = None
    """Tokens a completion may have; none: as the run's configuration says, else 64."""
    seed: int = 0
    """Of sampling."""
    json: bool = False
    """Print one JSON object, {"samples": [...]}, on standard output, and everything else on standard error."""


def run(arguments: Sequence[str]) -> Outcome:
    """Run the command."""
    listed = list(options_of(SampleOptions))
    parsed = parse(arguments, listed, command="sample")
    if parsed.help:
        return Outcome(lambda: show_help(results(), COMMAND, listed))
    folder, options = one_folder(parsed.positionals[:1], "sample"), SampleOptions(**parsed.values)
    from formalrl import api

    rows = api.sample_folder(
        folder,
        list(parsed.positionals[1:]) or None,
        num_samples=options.num_samples,
        num_prompts=options.num_prompts,
        temperature=options.temperature,
        max_completion_length=options.max_completion_length,
        seed=options.seed,
    )
    return Outcome(lambda: show_samples(rows), {"samples": rows} if options.json else None)


def show_samples(rows: Sequence[Mapping[str, Any]]) -> None:
    """Print prompts with their completions."""
    console = results()
    last = None
    for row in rows:
        if row["prompt"] != last:
            console.print()
            console.print(Text(clip(text_of(row["prompt"]), 4 * console.width, keep_end=True), style="dim"))
            last = row["prompt"]
        facts = [f"{name} {row[name]:.3f}" for name in ("reward", "logprob") if row.get(name) is not None]
        text = Text(str(row["completion"]) or "(empty)")
        text.append(f"   {', '.join(facts)}" if facts else "", style="dim")
        console.print(Padding(text, (0, 0, 0, 2), expand=False))
    console.print()
