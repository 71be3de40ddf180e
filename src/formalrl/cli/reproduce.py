"""`formalrl reproduce`: test a claim of the paper by runs, and say whether it holds."""

import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from rich.console import Console
from rich.table import Table
from rich.text import Text

from formalrl.claims.load import claim_names, load_claim
from formalrl.claims.parts import Claim, Scale
from formalrl.cli.help import Command, show_help
from formalrl.cli.options import options_of, parse
from formalrl.cli.output import Outcome, results
from formalrl.errors import ConfigError
from formalrl.experiments.sweep import Sweep, configurations

COMMAND = Command(
    "reproduce",
    "NAME [OPTIONS]",
    "Test a claim of the paper (arXiv 2410.17126): train its settings with several seeds, compare them, and say whether"
    " the claim holds.",
    (
        "reproduce --list",
        "reproduce sentiment-kl --scale smoke",
        "reproduce arithmetic-collapse --seeds 5 --jobs 2",
    ),
    "smoke: a minute, and only shows that everything runs. laptop: at most an hour on two cores. paper: the original"
    " models and sizes, for a machine with a GPU and internet. The same command again continues: finished runs stay,"
    " and more --seeds add runs. NAME may be a file of your own, file.py[:function].",
)
WIDTH = 80
"""Columns of the table, at most."""


@dataclass(frozen=True)
class ReproduceOptions:
    """Options of `formalrl reproduce`."""

    scale: Literal["smoke", "laptop", "paper"] = "laptop"
    """How large the runs are."""
    seeds: int | None = None
    """Seeds of each setting, 0 and up; none: 5, and 1 at the scale smoke. A verdict needs 3."""
    output_dir: str | None = None
    """Folder of the runs, the report and claim.json; none: runs/reproduce/<NAME>-<scale>."""
    jobs: int | None = None
    """Runs at once; none: as many as there are cores."""
    list: bool = False
    """List the claims, train nothing, and stop."""
    json: bool = False
    """Print one JSON object on standard output, and everything else on standard error."""


def run(arguments: Sequence[str]) -> Outcome:
    """Run the command."""
    listed = list(options_of(ReproduceOptions))
    parsed = parse(arguments, listed, command="reproduce")
    if parsed.help:
        return Outcome(lambda: show_help(results(), COMMAND, listed))
    options = ReproduceOptions(**parsed.values)
    if options.list:
        return _list(options)
    if len(parsed.positionals) != 1:
        known = ", ".join(claim_names())
        what = f"{len(parsed.positionals)} claims are given" if parsed.positionals else "no claim is given"
        raise ConfigError(f"{what}, but reproduce tests one: name one of {known}, or see `formalrl reproduce --list`.")
    claim = load_claim(parsed.positionals[0])
    return _reproduce(claim, options)


def _list(options: ReproduceOptions) -> Outcome:
    claims = [load_claim(name) for name in claim_names()]
    data = {"claims": [_described(claim) for claim in claims]}
    return Outcome(lambda: show_claims(results(), claims), data if options.json else None)


def _described(claim: Claim) -> dict[str, Any]:
    scales = {
        name: {"settings": list(scale.settings), "seeds": scale.seeds, "note": scale.note}
        for name, scale in claim.scales.items()
    }
    return {"name": claim.name, "claim": claim.sentence, "paper": claim.paper, "rule": claim.rule, "scales": scales}


def _reproduce(claim: Claim, options: ReproduceOptions) -> Outcome:
    from formalrl.claims.outcome import settle, write_claim
    from formalrl.cli.sweep import run_sweep
    from formalrl.experiments.comparison.page import write_comparison

    scale = claim.scales[options.scale]
    seeds = tuple(range(_num_seeds(options, scale)))
    root = Path(options.output_dir or Path("runs") / "reproduce" / f"{claim.name}-{options.scale}")
    sweep = Sweep(base={}, named=scale.settings, seeds=seeds, threads=1 if options.scale != "paper" else None)
    configurations(sweep, root)  # wrong settings of a claim of one's own are told before anything is looked for
    check_models(scale)
    code = run_sweep(sweep, root, jobs=options.jobs).code
    runs = {run.folder: run.setting.name for run in sweep.runs(root)}
    if code == 130:
        again = f"formalrl reproduce {shlex.quote(claim.name)} --scale {options.scale} --seeds {len(seeds)}"
        print(f"and judge the claim with\n  {again} --output-dir {shlex.quote(str(root))}", file=sys.stderr)
        return Outcome(code=code)
    outcome = settle(claim, options.scale, seeds, root, runs)
    write_claim(root, outcome)
    outcome |= {"output_dir": str(root)}
    if any(outcome["finished"].values()):
        outcome |= {"report": str(write_comparison([root])[0])}
    return Outcome(lambda: show_outcome(results(), outcome), outcome if options.json else None, code)


def _num_seeds(options: ReproduceOptions, scale: Scale) -> int:
    if options.seeds is not None and options.seeds < 1:
        raise ConfigError(f"seeds is {options.seeds}, so nothing would be trained: set --seeds to 1 or more.")
    return options.seeds or scale.seeds


def check_models(scale: Scale) -> None:
    """Raise ModelError, in one line, for a model that a scale needs and that is neither here nor on the hub."""
    if not scale.models:
        return
    from formalrl.models.hub import locate

    for name in scale.models:
        locate(name)


def show_claims(console: Console, claims: Sequence[Claim]) -> None:
    """Print what can be reproduced."""
    table = _table("name", "claim", "runs at laptop scale")
    for claim in claims:
        laptop = claim.scales["laptop"]
        runs = f"{len(laptop.settings)} x {laptop.seeds} seeds: {', '.join(laptop.settings)}"
        table.add_row(Text(claim.name, "bold"), Text(claim.sentence), Text(runs))
    console.print(table)
    console.print(Text("formalrl reproduce NAME [--scale smoke|laptop|paper]", "dim"))


def show_outcome(console: Console, outcome: Mapping[str, Any]) -> None:
    """Print the claim, the paper's finding, ours and the verdict, and where everything lies."""
    style = {"confirmed": "green", "not confirmed": "red"}.get(outcome["verdict"], "yellow")
    table = _table("claim", "the paper", "here", "verdict")
    cells = [Text(str(outcome[key])) for key in ("sentence", "paper", "ours")]
    table.add_row(*cells, Text(outcome["verdict"], f"bold {style}"))
    console.print(table)
    told = Table.grid(padding=(0, 2))
    for name, key in (("why", "reason"), ("rule", "rule"), ("scale", "scale")):
        told.add_row(Text(name, "dim"), Text(str(outcome[key])))
    console.print(told, width=min(WIDTH, console.width))
    for name, path in (("runs", outcome["output_dir"]), ("report", outcome.get("report"))):
        if path:
            console.print(Text.assemble((f"{name:<7}", "dim"), path), soft_wrap=True)


def _table(*names: str) -> Table:
    table = Table(box=None, width=WIDTH, pad_edge=False, padding=(0, 2, 1, 0), show_header=True, header_style="dim")
    for name in names:
        table.add_column(name, overflow="fold", min_width=9 if name == "verdict" else None)
    return table
