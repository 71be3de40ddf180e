"""The embedded engine behind the protocol: compile, evaluate, nothing raised on account of the text."""

import random
import time
from dataclasses import dataclass, replace

from ..engine import DEFAULT_LIMITS, Compiled, Diagnostics, Limits, Metrics, Status, seed_of
from .compile import compile_game
from .program import Game, choose
from .runtime import OverBudget
from .state import State

FAULTS = (ArithmeticError, LookupError, ValueError, TypeError, RecursionError)
"""What rules of a game can run into in play, such as a site that is not on the board."""


@dataclass(slots=True)
class _Tally:
    wins: list[int]
    draws: int = 0
    cut: int = 0
    turns: int = 0
    moves: int = 0
    decisions: int = 0
    branching: int = 0
    playouts: int = 0
    work: int = 0


@dataclass(frozen=True, slots=True)
class EmbeddedEngine:
    """Plays games in plain Python."""

    def compile(self, text: str, limits: Limits = DEFAULT_LIMITS) -> Game | Diagnostics:
        """Return a game, or why the text is none."""
        return compile_game(text, limits)

    def evaluate(
        self,
        game: Compiled,
        playouts: int = 100,
        max_turns: int = 500,
        seed: int = 0,
        limits: Limits = DEFAULT_LIMITS,
    ) -> Metrics:
        """Return the counts of random playouts; the same for the same text, seed and limits."""
        if not isinstance(game, Game):
            return Metrics("engine_error", message="this game was compiled by another engine")
        rng = random.Random(seed_of(game.text, seed))
        tally, used = _Tally([0, 0]), bytearray(game.equipment.size + 2)
        started = time.monotonic()
        status: Status = "ok"
        message = ""
        try:
            for _ in range(playouts):
                _playout(game, rng, max_turns, tally, used)
                if tally.moves > limits.max_total_moves:
                    status, message = "timeout", f"more than {limits.max_total_moves} moves"
                    break
                if tally.work > limits.max_total_work:
                    status, message = "timeout", f"more than {limits.max_total_work} operations"
                    break
                if limits.wall_s is not None and time.monotonic() - started > limits.wall_s:
                    status, message = "timeout", f"more than {limits.wall_s:g} seconds"
                    break
        except OverBudget as error:
            status, message = "timeout", str(error) or f"a playout took more than {game.max_work} operations"
        except NameError as error:  # the program written for the game is wrong, not the game
            status, message = "engine_error", f"{type(error).__name__}: {error}"
        except FAULTS as error:
            status, message = "unplayable", f"{type(error).__name__}: {error}"
        return _metrics(game, tally, used, message, status)

    def score_text(self, text: str, playouts: int = 100, max_turns: int = 500, seed: int = 0) -> Metrics:
        """Return the counts for a text; texts that do not compile have the status and the diagnostics that say why."""
        game = self.compile(text)
        if isinstance(game, Diagnostics):
            return Metrics(game.status, diagnostics=game.items, message=game.items[0].message)
        return self.evaluate(game, playouts, max_turns, seed)


def plays_alike(one: Game, other: Game, playouts: int = 10, max_turns: int = 500) -> bool:
    """Return whether two games go alike, move by move, as far as the same random choices show in so many playouts.

    Games that list the same moves in another order count as different.
    """
    size = max(one.equipment.size, other.equipment.size) + 2
    try:
        for number in range(playouts):
            tallies = _Tally([0, 0]), _Tally([0, 0])
            for game, tally in zip((one, other), tallies, strict=True):
                _playout(game, random.Random(number), max_turns, tally, bytearray(size))
                tally.work = 0
            if tallies[0] != tallies[1]:
                return False
    except (OverBudget, NameError, *FAULTS):
        return False
    return True


def _metrics(game: Game, tally: _Tally, used: bytearray, message: str, status: Status) -> Metrics:
    size = game.board_size
    metrics = Metrics(
        "ok",
        tally.playouts,
        tuple(tally.wins),
        tally.draws,
        tally.cut,
        tally.turns,
        tally.moves,
        tally.decisions,
        tally.branching,
        size,
        sum(used[:size]),
    )
    return metrics if status == "ok" else replace(metrics, status=status, message=message)


def _playout(game: Game, rng: random.Random, max_turns: int, tally: _Tally, used: bytearray) -> None:
    c = game.start()
    while not c.over:
        move, choices = choose(game, c, rng)
        tally.decisions += choices > 1
        tally.branching += choices
        used[move[0]] = used[move[1]] = 1
        game.play(c, move)
        if not c.over and game.is_cut(c, max_turns):
            tally.cut += 1
            break
    _count(c, tally)


def _count(c: State, tally: _Tally) -> None:
    tally.playouts += 1
    tally.turns += c.turns
    tally.moves += c.moves
    tally.work += c.work
    if c.over:
        if c.winner:
            tally.wins[c.winner - 1] += 1
        else:
            tally.draws += 1
