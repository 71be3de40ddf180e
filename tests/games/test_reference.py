"""The embedded engine against what another engine counted.

Neither file is part of the project. FORMALRL_LUDII_REFERENCE names a JSON file with a list `games` of records (path,
perft, n, p1, p2, mean_turns), FORMALRL_LUDII_GAMES the folder that the paths start from, and FORMALRL_LUDII_STEP (10)
lets every so many records be tried. FORMALRL_LUDII_SECONDS (20) of processor time are spent on the count and on the
playouts of a game, and FORMALRL_LUDII_PLAYOUTS (100) are wanted. A game that does not compile or takes longer is
counted, not failed. FORMALRL_LUDII_REPORT names a JSON file that gets what was found for each game: why it does not
compile, its own perft, the z scores of random play.
"""

import json
import math
import os
import random
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from formalrl.games.embedded.compile import compile_game
from formalrl.games.embedded.program import Game, choose
from formalrl.games.embedded.runtime import OverBudget
from formalrl.games.engine import Diagnostics, Limits

REFERENCE, GAMES = os.environ.get("FORMALRL_LUDII_REFERENCE", ""), os.environ.get("FORMALRL_LUDII_GAMES", "")
SLOWER_THAN = float(os.environ.get("FORMALRL_LUDII_SECONDS", "20"))
"""Seconds of processor time after which a count or the playouts of one game are given up."""
PLAYOUTS = int(os.environ.get("FORMALRL_LUDII_PLAYOUTS", "100"))
FEWEST = 10
"""Playouts of a game below which nothing is said about it."""
LIMITS = Limits(max_work=200_000_000)
"""Forty times what an evaluation allows a playout: here games are compared that the reference played to their end."""
pytestmark = [pytest.mark.slow, pytest.mark.skipif(not (REFERENCE and GAMES), reason="no reference at hand")]


@pytest.fixture(scope="module")
def report() -> Iterator[dict[str, dict[str, Any]]]:
    found: dict[str, dict[str, Any]] = {}
    yield found
    if path := os.environ.get("FORMALRL_LUDII_REPORT"):
        Path(path).write_text(json.dumps(found, indent=1))


@pytest.fixture(scope="module")
def pairs(report) -> list[tuple[dict[str, Any], Game]]:
    records = sorted(json.loads(Path(REFERENCE).read_text())["games"], key=lambda r: r["path"])
    records = records[:: int(os.environ.get("FORMALRL_LUDII_STEP", "10"))]
    compiled = [(r, compile_game((Path(GAMES) / r["path"]).read_text(), LIMITS)) for r in records]
    for record, game in compiled:
        refused = f"{game.items[0].kind}: {game.items[0].message}" if isinstance(game, Diagnostics) else ""
        report[record["path"]] = {"refused": refused}
    return [(r, g) for r, g in compiled if not isinstance(g, Diagnostics)]


def test_about_three_quarters_of_the_reference_compile(pairs):
    records = json.loads(Path(REFERENCE).read_text())["games"]
    tried = len(records[:: int(os.environ.get("FORMALRL_LUDII_STEP", "10"))])
    print(f"{len(pairs)} of {tried} games compile")
    assert len(pairs) >= 0.75 * tried - math.sqrt(tried)


def count(game: Game, depth: int) -> list[int] | None:
    """Return the number of move sequences of each length, or None if it takes too long."""
    deadline = time.process_time() + SLOWER_THAN
    states, totals = [game.start()], []
    for ply in range(depth):
        total, following = 0, []
        for state in states:
            if time.process_time() > deadline:
                return None
            moves = game.moves(state)
            total += len(moves)
            for move in moves if ply + 1 < depth else ():
                child = state.copy()
                game.play(child, move)
                if not child.over:
                    following.append(child)
        totals.append(total)
        states = following
    return totals


def test_sequences_of_moves_are_as_many(pairs, report):
    wrong = {}
    for record, game in pairs:
        found = count(game, len(record["perft"]))
        report[record["path"]]["perft"] = found
        if found is not None and found != record["perft"]:
            wrong[record["path"]] = found, record["perft"]
    counted = sum(report[record["path"]]["perft"] is not None for record, _ in pairs)
    print(f"move sequences: {counted - len(wrong)} of {counted} games alike", *wrong.items(), sep="\n")
    assert not wrong


def z_of_means(mine: list[int], theirs: float, n: int) -> float:
    spread = statistics.pstdev(mine) * math.sqrt(1 / len(mine) + 1 / n)
    return (statistics.mean(mine) - theirs) / spread if spread else 0.0


def z_of_shares(mine: int, k: int, theirs: int, n: int) -> float:
    pooled = (mine + theirs) / (k + n)
    spread = math.sqrt(pooled * (1 - pooled) * (1 / k + 1 / n))
    return (mine / k - theirs / n) / spread if spread else 0.0


def played(game: Game) -> tuple[list[int], list[int], str]:
    """Return wins of nobody and each player, the turns of each playout, and why there are no more, if not enough."""
    rng, deadline = random.Random(1), time.process_time() + SLOWER_THAN
    wins, turns = [0, 0, 0], list[int]()
    try:
        while len(turns) < PLAYOUTS:
            state = game.start()
            while not state.over and not game.is_cut(state, 500):
                if time.process_time() > deadline:
                    return wins, turns, "time"
                game.play(state, choose(game, state, rng)[0])
            wins[state.winner if state.over else 0] += 1
            turns.append(state.turns)
    except OverBudget:
        return wins, turns, "operations"
    return wins, turns, ""


def test_random_play_goes_alike(pairs, report):
    wrong, compared = {}, 0
    for record, game in pairs:
        wins, turns, why = played(game)
        k, n = len(turns), record["n"]
        report[record["path"]] |= {"playouts": k, "stopped": why}
        if k < FEWEST or n < FEWEST:
            continue
        compared += 1
        scores = [z_of_shares(wins[p], k, record[f"p{p}"], n) for p in (1, 2)]
        scores.append(z_of_means(turns, record["mean_turns"], n))
        report[record["path"]]["z"] = scores
        if max(map(abs, scores)) > 4:
            wrong[record["path"]] = k, [round(z, 1) for z in scores]
    print(f"random play: {compared - len(wrong)} of {compared} games alike", *wrong.items(), sep="\n")
    assert not wrong
