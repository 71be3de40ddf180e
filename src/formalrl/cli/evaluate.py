"""`formalrl eval`: one evaluation of a run folder or a checkpoint."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from formalrl.cli.help import Command, show_help
from formalrl.cli.options import options_of, parse
from formalrl.cli.output import Outcome, results
from formalrl.cli.screens import show_evaluation
from formalrl.errors import ConfigError

COMMAND = Command(
    "eval",
    "DIR [OPTIONS]",
    "Evaluate a policy on held-out prompts: accuracy, reward, what fixed answers would earn, and whether it collapsed.",
    ("eval runs/arithmetic/demo", "eval runs/arithmetic/demo/best --json"),
    "DIR is a run folder (its last checkpoint is taken) or a checkpoint in one.",
)


@dataclass(frozen=True)
class EvalOptions:
    """Options of `formalrl eval`."""

    num_prompts: int | None = None
    """How many prompts; none: as the run's configuration says."""
    split: Literal["eval", "train"] = "eval"
    """Held-out prompts, or those of training."""
    temperature: float | None = None
    """Of sampling, 0: the likeliest token; none: as the run's configuration says."""
    seed: int = 0
    """Of sampling."""
    json: bool = False
    """Print one JSON object on standard output, and everything else on standard error."""


def run(arguments: Sequence[str]) -> Outcome:
    """Run the command."""
    listed = list(options_of(EvalOptions))
    parsed = parse(arguments, listed, command="eval")
    if parsed.help:
        return Outcome(lambda: show_help(results(), COMMAND, listed))
    folder = one_folder(parsed.positionals, "eval")
    options = EvalOptions(**parsed.values)
    from formalrl import api

    row = api.evaluate_folder(
        folder,
        num_prompts=options.num_prompts,
        split=options.split,
        temperature=options.temperature,
        seed=options.seed,
    )
    return Outcome(lambda: show_evaluation(results(), folder, row), row if options.json else None)


def one_folder(positionals: Sequence[str], command: str) -> str:
    """Return the one positional argument. Raises ConfigError when there is none or more than one."""
    if len(positionals) == 1:
        return positionals[0]
    if not positionals:
        raise ConfigError(f"no folder is given: write `formalrl {command} DIR`, such as runs/arithmetic/demo.")
    raise ConfigError(f"{positionals[1]!r} is one argument too many: {command} takes one folder.")
