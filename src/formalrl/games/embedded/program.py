"""A compiled game: what generated source is run with, the turn, the phases and the end of play."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from . import actions as acts
from .equipment import Equipment
from .runtime import COPY, spend
from .runtime_moves import Found, can_move
from .runtime_turn import act_pass, apply_move
from .state import Generator, Move, State

Ending = Callable[[State], None]
PASS: Move = (-1, -1, ((act_pass,),), ())


@dataclass(slots=True)
class Phase:
    """A part of a game with its own moves and ends."""

    name: str
    owner: int
    play: Generator
    end: Ending | None = None
    following: list[tuple[Callable[[State], int] | None, Callable[[State], bool] | None, int]] = field(
        default_factory=list[Any]
    )
    """(whose, when, which phase comes next)"""


@dataclass(eq=False)
class Game:
    """Everything of a game that stays the same in play; `play` and `moves` change and read states."""

    text: str
    name: str
    equipment: Equipment
    source: str = ""
    owner: tuple[int, ...] = ()
    counted: bool = False
    tracks_visits: bool = False
    all_pass_draws: bool = True
    swap_rule: bool = False
    filters: bool = False
    """Some moves are filtered by what holds afterwards; random play filters only the moves it draws."""
    repetition: str = ""
    phases: list[Phase] = field(default_factory=list[Phase])
    end: Ending | None = None
    initial: State | None = None
    started: dict[int, tuple[int, ...]] = field(default_factory=dict[int, tuple[int, ...]])
    act_move: Any = acts.act_move
    max_work: int = 5_000_000
    max_moves: int = 10_000

    @property
    def board_size(self) -> int:
        """Return the number of sites of the board, without the hands."""
        return self._board_size

    def __post_init__(self) -> None:
        self._board_size = self.equipment.topology.size
        self.topology = self.equipment.topology

    def start(self) -> State:
        """Return a fresh position."""
        assert self.initial is not None
        return self.initial.copy()

    def generator(self, c: State) -> Generator:
        """Return the move generator of the mover's phase."""
        return self.phases[c.phase[c.mover]].play

    def moves(self, c: State) -> list[Move]:
        """Return the legal moves; none when the game is over, a pass when there is nothing else."""
        if c.over:
            return []
        out: list[Move] = []
        self.phases[c.phase[c.mover]].play(c, out, ())
        return self.completed(c, out)

    def completed(self, c: State, out: list[Move]) -> list[Move]:
        """Return moves with the swap added, repetitions left out, and a pass if nothing is left."""
        if self.swap_rule and c.moves == 1 and c.mover == 2:
            out.append((-1, -1, ((acts.act_swap_players,),), ()))
        if self.repetition:
            out = [m for m in out if self.is_new(c, m)]
        c.stale[c.mover] = not out
        return out or [PASS]

    def holds(self, c: State, move: Move, test: Callable[[State], bool]) -> bool:
        """Return whether a condition holds once a move is done."""
        from .runtime_turn import holds_after

        return holds_after(c, move, test)

    def _key(self, c: State) -> Any:
        key = tuple(c.what), tuple(c.cnt), tuple(c.st), c.swapped
        if not self.repetition.startswith("Situational"):
            return key
        return *key, c.mover, c.nxt, c.prev, c.same, tuple(c.scores), frozenset(c.pending)

    def is_new(self, c: State, move: Move) -> bool:
        """Return whether a move passes or leads to a position that was not there before."""
        if move[2] and move[2][0][0] is act_pass:
            return True
        new = c.copy()
        spend(new, COPY)
        apply_move(new, move)
        c.work = new.work
        seen = c.turn_history if self.repetition.endswith("InTurn") else c.history
        return self._key(new) not in seen

    def stuck(self, c: State) -> bool:
        """Return whether the mover has no move."""
        lazy, c.lazy = c.lazy, False
        stuck = not can_move(c, self.phases[c.phase[c.mover]].play)
        c.lazy = lazy
        return stuck

    def play(self, c: State, move: Move) -> None:
        """Do a move: change the board, end the game or hand over the turn."""
        spend(c, 1)
        mover = c.mover
        c.decided = ""
        is_pass = move[2][0][0] is act_pass
        apply_move(c, move)
        c.passes = c.passes + 1 if is_pass and not c.same else 0  # turns that were a pass and nothing else
        ending = self.phases[c.phase[mover]].end
        if ending is not None:
            ending(c)
            self._all_pass(c)
        if not c.over and self.end is not None:
            self.end(c)
            self._all_pass(c)
        if c.over:
            c.prev = mover
            c.winner = 3 - c.winner if c.swapped and c.winner else c.winner
            return
        self._next_phases(c)
        c.counter += 1
        if self.repetition:
            self._record(c)
        if self.tracks_visits:
            if c.mover != c.nxt:
                c.visited.clear()
            else:
                c.visited.update((c.last_from, c.last_to))
        c.prev = mover
        c.mover = c.nxt
        if c.prev != c.mover:
            c.turns += 1
        c.same = c.same + 1 if c.prev == c.mover and move[2][0][0] is not acts.act_swap_players else 0
        c.nxt = 3 - c.mover

    def _record(self, c: State) -> None:
        """Remember the position after the first move of a turn, or after each for the length of the turn."""
        if self.repetition.endswith("InTurn"):
            if c.mover != c.prev:
                c.turn_history = set()
            c.turn_history = c.turn_history | {self._key(c)}
        elif c.mover != c.prev:
            c.history = c.history | {self._key(c)}

    def _all_pass(self, c: State) -> None:
        if not c.over and self.all_pass_draws and c.passes >= 2:
            c.over, c.winner = True, 0

    def _next_phases(self, c: State) -> None:
        for player in (1, 2):
            for whose, when, which in self.phases[c.phase[player]].following:
                who = 3 if whose is None else whose(c)
                if (who == 3 or who == player) and (when is None or when(c)):
                    c.phase[player] = which if which >= 0 else (c.phase[c.mover] + 1) % len(self.phases)
                    break

    def is_cut(self, c: State, max_turns: int) -> bool:
        """Return whether the limit on turns or moves is reached."""
        return c.turns >= 2 * max_turns or c.moves >= self.max_moves


def choose(game: Game, c: State, rng: random.Random) -> tuple[Move, int]:
    """Return a uniformly random legal move and the number of legal ones, counted up to 2 where filtering is lazy."""
    if not game.filters or game.swap_rule or game.repetition:
        moves = game.moves(c)
        return moves[int(rng.random() * len(moves))], len(moves)
    out: list[Any] = []
    c.lazy = True
    game.phases[c.phase[c.mover]].play(c, out, ())
    c.lazy = False
    chosen: Move | None = None
    while out:
        k = int(rng.random() * len(out))
        move = out[k]
        out[k] = out[-1]
        out.pop()
        if len(move) == 6 and not game.holds(c, (*move[:3], move[5]), move[4]):
            continue
        if chosen is not None:
            return chosen, 2
        chosen = move
    c.stale[c.mover] = chosen is None
    return (PASS, 1) if chosen is None else (chosen, 1)


__all__ = ["PASS", "Found", "Game", "Phase", "choose"]
