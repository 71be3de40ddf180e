"""Random playouts of the library's games, move by move."""

import random
from collections.abc import Callable, Iterator

import pytest

from formalrl.games.embedded.compile import compile_game
from formalrl.games.embedded.program import Game, choose
from formalrl.games.embedded.state import Move, State
from formalrl.games.engine import Diagnostics, Limits
from formalrl.games.library.template import Template

Steps = list[tuple[State, Move, State]]


def _plays(template: Template, number: int, name: str) -> Iterator[tuple[Game, Steps]]:
    values = tuple(v[0] for v in template.choices.values())
    game = compile_game(template.fill(name or template.name, values), Limits())
    assert not isinstance(game, Diagnostics), (template.name, game)
    rng = random.Random(template.name)
    for _ in range(number):
        state, steps = game.start(), []
        while not state.over and not game.is_cut(state, 300):
            before = state.copy()
            move, _ = choose(game, state, rng)
            game.play(state, move)
            steps.append((before, move, state.copy()))
        yield game, steps


@pytest.fixture
def plays() -> Callable[..., Iterator[tuple[Game, Steps]]]:
    """Return a function (template, number) that yields games with (position, move, next position) of each move."""
    return lambda template, number=3, name="": _plays(template, number, name)


@pytest.fixture
def men() -> Callable[..., int]:
    """Return a function that counts the occupied sites of the board, of all players or of one."""

    def count(game: Game, state: State, owner: int | None = None) -> int:
        return sum(state.what[s] > 0 and owner in (None, state.who[s]) for s in range(game.board_size))

    return count
