"""Compares the embedded engine with your own Ludii on the games that policies wrote: compiling, playing, counts.

LUDII_JAR=Ludii.jar python benchmarks/agreement.py RUN... [--games 300] [--playouts 100] [--json] [--save]
"""

import argparse
import json
import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from _report import append_history, circumstances

MANY_ERRORS = 3.3
"""Standard errors from which two shares of wins are said to differ; chance does it about once in a thousand shares."""


def written_games(runs: list[Path]) -> Iterator[str]:
    """Yield the games that the closed completions of the runs' samples make, each text once."""
    from formalrl.games.fim import cut, read_prompt

    seen: set[str] = set()
    for run in runs:
        for line in (run / "samples.jsonl").read_text().splitlines():
            row = json.loads(line)
            blank, middle = read_prompt(row["prompt"]), cut(row["completion"])
            text = blank.prefix + middle + blank.suffix if blank and middle is not None else ""
            if text and text not in seen:
                seen.add(text)
                yield text


def differ(ones: tuple[int, ...], others: tuple[int, ...], playouts: int) -> bool:
    """Return whether the wins of a player in as many playouts differ by more than MANY_ERRORS."""
    for one, other in zip(ones, others, strict=True):
        share = (one + other) / (2 * playouts)
        if one != other and abs(one - other) / playouts > MANY_ERRORS * math.sqrt(2 * share * (1 - share) / playouts):
            return True
    return False


def main() -> None:
    """Print each game on which the engines disagree, and how many there are of each kind."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs="+", type=Path, help="run folders of `formalrl train games`")
    parser.add_argument("--games", type=int, default=300, help="so many texts at most")
    parser.add_argument("--playouts", type=int, default=100)
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    parser.add_argument("--save", action="store_true", help="append to benchmarks/history/agreement.jsonl")
    options = parser.parse_args()
    from formalrl.games.embedded.engine import EmbeddedEngine
    from formalrl.games.ludii.engine import LudiiEngine

    counts: Counter[str] = Counter()
    with LudiiEngine() as ludii:
        for text in [game for game, _ in zip(written_games(options.runs), range(options.games), strict=False)]:
            ours = EmbeddedEngine().score_text(text, options.playouts, 100)
            theirs = ludii.score_text(text, options.playouts, 100)
            compiles = [found.status not in ("not_compilable", "unsupported") for found in (ours, theirs)]
            counts["games"] += 1
            counts["compile in both"] += all(compiles)
            counts["play in both"] += (both_play := ours.status == theirs.status == "ok")
            kind = ""
            if compiles[0] != compiles[1]:
                kind = "compiling differs"
            elif (ours.status == "ok") != (theirs.status == "ok"):
                kind = "playing differs"
            elif both_play and differ(ours.wins, theirs.wins, options.playouts):
                kind = "counts differ"
            if kind:
                counts[kind] += 1
            if kind and not options.json:
                print(kind, ours.status, ours.wins, theirs.status, theirs.wins, ours.message or theirs.message, text)
    result = circumstances(["formalrl"], 1) | {"playouts": options.playouts, "counts": dict(counts)}
    print(json.dumps(result, indent=None if options.json else 2))
    if options.save:
        append_history("agreement", result)


if __name__ == "__main__":
    main()
