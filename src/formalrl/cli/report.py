"""`formalrl report`: the report of a run written again from its files, or one page about several runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from formalrl.cli.help import Command, show_help
from formalrl.cli.options import options_of, parse
from formalrl.cli.output import Outcome, results
from formalrl.errors import ConfigError

COMMAND = Command(
    "report",
    "DIR ... [OPTIONS]",
    "Write the report of a run, or one page that compares several: one file that opens without a network.",
    (
        "report runs/arithmetic/demo",
        "report runs/arithmetic/ppo-seed0 runs/arithmetic/grpo-seed0 --output compared/report.html",
        "report sweeps/plane --json",
    ),
    "DIR is a run folder, or a folder that holds run folders at most three levels down, such as that of a sweep. Runs"
    " with equal settings but for the seed are seeds of one setting. The page about several runs is written into the"
    " one DIR, or where --output says; a folder `figures` beside it gets the figures as SVG and PNG and the numbers as"
    " CSV. A run that is still going can be reported on.",
)


@dataclass(frozen=True)
class ReportOptions:
    """Options of `formalrl report`."""

    output: str | None = None
    """The page to write; needed where several DIR are given."""
    json: bool = False
    """Print one JSON object on standard output, and everything else on standard error: {"report": path}, with the table
    of final scores and their intervals where runs are compared."""


def run(arguments: Sequence[str]) -> Outcome:
    """Run the command."""
    listed = list(options_of(ReportOptions))
    parsed = parse(arguments, listed, command="report")
    if parsed.help:
        return Outcome(lambda: show_help(results(), COMMAND, listed))
    options, folders = ReportOptions(**parsed.values), parsed.positionals
    if not folders:
        raise ConfigError("no folder is given: write `formalrl report DIR`, such as runs/arithmetic/demo.")
    from formalrl.experiments.comparison.folders import is_run

    if len(folders) == 1 and (is_run(Path(folders[0])) or (Path(folders[0]) / "config.yaml").is_file()):
        return _one_run(Path(folders[0]), options)
    return _several_runs(folders, options)


def _one_run(folder: Path, options: ReportOptions) -> Outcome:
    from formalrl.experiments.report import render_report, write_page, write_report
    from formalrl.experiments.runs import read_run

    if options.output is None:
        write_report(folder)
        path = folder / "report.html"
    else:
        path = page_of(options.output)
        write_page(path, render_report(read_run(folder)))
    return Outcome(lambda: print(path), {"report": str(path)} if options.json else None)


def _several_runs(folders: Sequence[str], options: ReportOptions) -> Outcome:
    from formalrl.experiments.comparison.page import summary, write_comparison

    if len(folders) > 1 and options.output is None:
        raise ConfigError(
            "several folders are given, so it is not clear where the page belongs: add --output FILE.html, such as"
            " `--output compared/report.html`."
        )
    path, found = write_comparison(folders, None if options.output is None else page_of(options.output))
    return Outcome(lambda: print(path), {"report": str(path), **summary(found)} if options.json else None)


def page_of(output: str) -> Path:
    """Return the page's path, its folder made. Raises ConfigError where it is no HTML file."""
    path = Path(output).expanduser()
    if path.suffix.lower() not in (".html", ".htm") or path.is_dir():
        raise ConfigError(f"--output is {output!r}, but the report is one HTML file: write `--output FILE.html`.")
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
