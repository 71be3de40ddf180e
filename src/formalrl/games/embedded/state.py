"""A position in play, and the elementary changes that moves are made of."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

Action: TypeAlias = tuple[Any, ...]
"""(function, arguments...): called as function(state, action)."""
Move: TypeAlias = tuple[int, int, tuple[Action, ...], tuple[Any, ...]]
"""(from, to, actions, generators of what follows once they are done)."""
Generator: TypeAlias = Callable[[Any, list[Move], tuple[Any, ...]], None]
"""Called as generator(state, out, consequences); appends moves to out."""


class State:
    """The contents of every site, the counters of the game, and the variables that rules read on the way."""

    __slots__ = (
        "applied",
        "between",
        "cnt",
        "counter",
        "decided",
        "deep",
        "frm",
        "game",
        "history",
        "last_from",
        "last_pass",
        "last_to",
        "lazy",
        "longest",
        "mem",
        "mover",
        "moves",
        "nxt",
        "over",
        "passes",
        "pending",
        "phase",
        "player",
        "prev",
        "proposed",
        "pvals",
        "region",
        "same",
        "scores",
        "site",
        "st",
        "stale",
        "swapped",
        "to",
        "to_clear",
        "triggered",
        "turn_history",
        "turns",
        "val",
        "value",
        "vars",
        "visited",
        "what",
        "who",
        "winner",
        "work",
    )

    what: list[int]
    who: list[int]
    cnt: list[int]
    st: list[int]
    val: list[int]

    def __init__(self, game: Any, size: int):
        self.game: Any = game
        self.what = [0] * (size + 1)
        self.who = [0] * (size + 1)
        self.cnt = [0] * (size + 1)
        self.st = [0] * (size + 1)
        self.val = [0] * (size + 1)
        self.mover, self.nxt, self.prev = 1, 2, 0
        self.phase = [0, 0, 0]
        self.stale = [False, False, False, False]
        self.vars: dict[str, int] = {}
        self.pending: set[int] = set()
        self.mem: dict[str, list[int]] = {}
        self.scores = [0, 0, 0, 0]
        self.pvals = [-1, -1, -1, -1]
        self.moves = self.same = self.passes = 0
        self.counter = -1
        self.turns = 1
        self.over, self.winner = False, 0
        """The winner is named by who began as that player, also after a swap."""
        self.swapped = False
        self.last_from = self.last_to = -1
        self.last_pass = False
        self.to_clear: list[int] = []
        self.visited: set[int] = set()
        self.history: set[Any] = set()
        self.turn_history: set[Any] = set()
        self.proposed: set[str] = set()
        self.decided = ""
        self.triggered: set[tuple[str, int]] = set()
        self.applied: Sequence[Action] = ()
        self.frm = self.to = self.between = self.site = self.value = self.player = -1
        self.region: Any = ()
        self.work = 0
        self.deep = 0
        self.lazy = False
        self.longest: tuple[int, Sequence[Move]] = 0, ()
        """(moves in the longest sequence of a turn, those that begin one), as the last search found them."""

    @property
    def seat(self) -> int:
        """Return as which player the one who is to move began: `mover`, or the other one after a swap."""
        return 3 - self.mover if self.swapped else self.mover

    def copy(self) -> "State":
        """Return an independent copy."""
        new = State.__new__(State)
        for name in State.__slots__:
            setattr(new, name, getattr(self, name))
        new.what, new.who, new.cnt = self.what[:], self.who[:], self.cnt[:]
        new.st, new.val = self.st[:], self.val[:]
        new.phase, new.stale, new.scores, new.pvals = self.phase[:], self.stale[:], self.scores[:], self.pvals[:]
        new.vars, new.pending = self.vars.copy(), self.pending.copy()
        new.mem = {k: v[:] for k, v in self.mem.items()} if self.mem else {}
        new.to_clear, new.visited = self.to_clear[:], self.visited.copy()
        new.proposed, new.triggered = self.proposed.copy(), self.triggered.copy()
        return new
