"""The embedded engine against what another engine counted.

Neither file is part of the project. FORMALRL_LUDII_REFERENCE names a JSON file with a list `games` of records (path,
perft, n, p1, p2, mean_turns), FORMALRL_LUDII_GAMES the folder that the paths start from, and FORMALRL_LUDII_STEP (10)
lets every so many records be tried. A game that does not compile is counted, not failed.
"""

import json
import math
import os
import random
import statistics
import time
from pathlib import Path
from typing import Any

import pytest

from formalrl.games.embedded.compile import compile_game
from formalrl.games.embedded.program import Game, choose
from formalrl.games.engine import Diagnostics, Limits

REFERENCE, GAMES = os.environ.get("FORMALRL_LUDII_REFERENCE", ""), os.environ.get("FORMALRL_LUDII_GAMES", "")
SLOWER_THAN = 20.0
"""Seconds after which a count or the playouts of one game are given up."""
KNOWN = {"Shui Yen Ho-Shang.lud"}
"""Games whose counts differ: coordinates of a merged board that was turned."""

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not (REFERENCE and GAMES), reason="no reference at hand")]


@pytest.fixture(scope="module")
def pairs() -> list[tuple[dict[str, Any], Game]]:
    records = sorted(json.loads(Path(REFERENCE).read_text())["games"], key=lambda r: r["path"])
    records = records[:: int(os.environ.get("FORMALRL_LUDII_STEP", "10"))]
    compiled = [(r, compile_game((Path(GAMES) / r["path"]).read_text(), Limits())) for r in records]
    return [(r, g) for r, g in compiled if not isinstance(g, Diagnostics) and Path(r["path"]).name not in KNOWN]


def test_about_three_quarters_of_the_reference_compile(pairs):
    records = json.loads(Path(REFERENCE).read_text())["games"]
    tried = len(records[:: int(os.environ.get("FORMALRL_LUDII_STEP", "10"))])
    assert len(pairs) >= 0.75 * tried - math.sqrt(tried)


def count(game: Game, depth: int) -> list[int] | None:
    """Return the number of move sequences of each length, or None if it takes too long."""
    deadline = time.monotonic() + SLOWER_THAN
    states, totals = [game.start()], []
    for ply in range(depth):
        total, following = 0, []
        for state in states:
            if time.monotonic() > deadline:
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


def test_sequences_of_moves_are_as_many(pairs):
    wrong = {}
    for record, game in pairs:
        found = count(game, len(record["perft"]))
        if found is not None and found != record["perft"]:
            wrong[record["path"]] = found, record["perft"]
    assert not wrong


def z_of_means(mine: list[int], theirs: float, n: int) -> float:
    spread = statistics.pstdev(mine) * math.sqrt(1 / len(mine) + 1 / n)
    return (statistics.mean(mine) - theirs) / spread if spread else 0.0


def z_of_shares(mine: int, k: int, theirs: int, n: int) -> float:
    pooled = (mine + theirs) / (k + n)
    spread = math.sqrt(pooled * (1 - pooled) * (1 / k + 1 / n))
    return (mine / k - theirs / n) / spread if spread else 0.0


def test_random_play_goes_alike(pairs):
    wrong = {}
    for record, game in pairs:
        rng, deadline = random.Random(1), time.monotonic() + SLOWER_THAN / 4
        wins, turns = [0, 0, 0], []
        while len(turns) < 100 and (len(turns) < 10 or time.monotonic() < deadline):
            state = game.start()
            while not state.over and not game.is_cut(state, 500):
                game.play(state, choose(game, state, rng)[0])
            wins[state.winner if state.over else 0] += 1
            turns.append(state.turns)
            if time.monotonic() > deadline + SLOWER_THAN:
                break
        if len(turns) < 10:
            continue
        k, n = len(turns), record["n"]
        scores = [z_of_shares(wins[p], k, record[f"p{p}"], n) for p in (1, 2)]
        scores.append(z_of_means(turns, record["mean_turns"], n))
        if max(map(abs, scores)) > 4:
            wrong[record["path"]] = [round(z, 1) for z in scores]
    assert not wrong
