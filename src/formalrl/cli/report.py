"""`formalrl report`: the report of a run, written again from its files."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from formalrl.cli.evaluate import one_folder
from formalrl.cli.help import Command, show_help
from formalrl.cli.options import options_of, parse
from formalrl.cli.output import Outcome, results
from formalrl.errors import ConfigError

COMMAND = Command(
    "report",
    "DIR [OPTIONS]",
    "Write report.html of a run, one file that opens without a network, from what the run folder holds.",
    ("report runs/arithmetic/demo",),
    "A run that is still going can be reported on.",
)


@dataclass(frozen=True)
class ReportOptions:
    """Options of `formalrl report`."""

    json: bool = False
    """Print one JSON object, {"report": path}, on standard output, and everything else on standard error."""


def run(arguments: Sequence[str]) -> Outcome:
    """Run the command."""
    listed = list(options_of(ReportOptions))
    parsed = parse(arguments, listed, command="report")
    if parsed.help:
        return Outcome(lambda: show_help(results(), COMMAND, listed))
    folder = Path(one_folder(parsed.positionals, "report"))
    if not (folder / "config.yaml").is_file():
        raise ConfigError(f"{folder} holds no run, so there is nothing to report: name the folder of a run.")
    from formalrl.experiments.report import write_report

    write_report(folder)
    path = folder / "report.html"
    return Outcome(lambda: print(path), {"report": str(path)} if parsed.values.get("json") else None)
