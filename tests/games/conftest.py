"""Small games that the tests of the engines share, and Ludii where LUDII_JAR names it."""

import os
from collections.abc import Callable, Iterator

import pytest

from formalrl.games.embedded.compile import compile_game
from formalrl.games.embedded.program import Game
from formalrl.games.embedded.state import State
from formalrl.games.engine import Diagnostics, Limits
from formalrl.games.ludii.engine import LudiiEngine

LINE = """(game "Tic" (players 2) (equipment {(board (square 3)) (piece "Disc" P1) (piece "Cross" P2)})
(rules (play (move Add (to (sites Empty)))) (end (if (is Line 3) (result Mover Win)))))"""


@pytest.fixture
def line_text() -> str:
    return LINE


@pytest.fixture
def make() -> Callable[..., Game]:
    def build(
        board: str = "(square 5)",
        piece: str = '(piece "Man" Each (move Step (to if:(is Empty (to)))))',
        start: str = '(start {(place "Man1" {"A1"}) (place "Man2" {"E5"})})',
        play: str = "(forEach Piece)",
        end: str = "(end (if (no Moves Next) (result Mover Win)))",
    ) -> Game:
        text = f"""(game "T" (players {{(player N) (player S)}}) (equipment {{(board {board}) {piece}}})
            (rules {start} (play {play}) {end}))"""
        game = compile_game(text, Limits())
        assert not isinstance(game, Diagnostics), game.render(text)
        return game

    return build


@pytest.fixture
def perft() -> Callable[[Game, int], list[int]]:
    def count(game: Game, depth: int) -> list[int]:
        states: list[State] = [game.start()]
        out: list[int] = []
        for _ in range(depth):
            following: list[State] = []
            total = 0
            for c in states:
                moves = game.moves(c)
                total += len(moves)
                for move in moves:
                    new = c.copy()
                    game.play(new, move)
                    following.append(new)
            out.append(total)
            states = following
        return out

    return count


@pytest.fixture(scope="session")
def ludii() -> Iterator[LudiiEngine]:
    """The real engine, for tests that are marked `java`."""
    if not os.environ.get("LUDII_JAR"):
        pytest.skip("needs Ludii: set LUDII_JAR to your Ludii.jar")
    pytest.importorskip("jpype")
    with LudiiEngine() as engine:
        yield engine
