"""The protocol every board-game engine keeps: text -> compiled game or diagnostics, game -> counts of random play."""

import hashlib
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias

DiagnosticKind: TypeAlias = Literal["syntax", "unknown", "argument", "type", "unsupported", "semantic", "limit"]
DIAGNOSTIC_KINDS: tuple[DiagnosticKind, ...] = (
    "syntax",
    "unknown",
    "argument",
    "type",
    "unsupported",
    "semantic",
    "limit",
)
Status: TypeAlias = Literal["ok", "not_compilable", "unsupported", "unplayable", "timeout", "engine_error"]
STATUSES: tuple[Status, ...] = ("ok", "not_compilable", "unsupported", "unplayable", "timeout", "engine_error")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a description may cost. Budgets are in moves and sizes, so that a score does not depend on the machine."""

    max_chars: int = 100_000
    """Length of a description."""
    max_depth: int = 100
    """Nesting of brackets."""
    max_nodes: int = 20_000
    """Expressions in a description."""
    max_sites: int = 1_000
    """Cells, vertices or edges of the board, hands included."""
    max_moves: int = 10_000
    """Moves of one playout; a longer one is cut."""
    max_total_moves: int = 1_000_000
    """Moves of all playouts of one evaluation together; more is a time-out."""
    max_work: int = 5_000_000
    """Elementary operations of one playout, about 0.1 microseconds each: rounds of loops, sites looked at."""
    max_total_work: int = 100_000_000
    """Elementary operations of all playouts of one evaluation together; more is a time-out."""
    wall_s: float | None = None
    """Seconds of wall time after which an evaluation is given up; None leaves that to the caller."""


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing that is wrong with a description, and where."""

    kind: DiagnosticKind
    message: str
    start: int
    """Offset of the first character that is to blame."""
    end: int
    """Offset after the last one."""

    def render(self, text: str, name: str = "game") -> str:
        """Return `name:line:column: kind: message` with the source line and carets under the span."""
        start = max(0, min(self.start, len(text)))
        line_start = text.rfind("\n", 0, start) + 1
        line_end = text.find("\n", start)
        line_end = len(text) if line_end < 0 else line_end
        left, right = max(line_start, start - 60), min(line_end, start + 60)
        width = max(1, min(self.end, right) - start)
        source = "".join(c if c.isprintable() else "·" for c in text[left:right])
        head = f"{name}:{text.count(chr(10), 0, start) + 1}:{start - line_start + 1}: {self.kind}: {self.message}"
        return f"{head}\n    {source}\n    {' ' * (start - left)}{'^' * width}"


@dataclass(frozen=True, slots=True)
class Diagnostics:
    """Why a description was refused; never empty, the first one is the one to show."""

    items: tuple[Diagnostic, ...]

    @property
    def status(self) -> Status:
        """Return `unsupported` when every fault is a gap of the engine, else `not_compilable`."""
        return "unsupported" if all(d.kind == "unsupported" for d in self.items) else "not_compilable"

    def render(self, text: str, name: str = "game") -> str:
        """Return every diagnostic with its source line."""
        return "\n".join(d.render(text, name) for d in self.items)


@dataclass(frozen=True, slots=True)
class Metrics:
    """Raw counts of random playouts; everything else is a pure function of these (see games.metrics)."""

    status: Status
    playouts: int = 0
    """Playouts that were finished or cut."""
    wins: tuple[int, ...] = ()
    """Wins of each player, the first player first."""
    draws: int = 0
    """Playouts that ended by a rule without a winner."""
    cut: int = 0
    """Playouts ended by the limit on turns or moves; they have no winner."""
    turns: int = 0
    """Turns of all playouts together."""
    moves: int = 0
    """Moves of all playouts together; a player may move more than once in a turn."""
    decisions: int = 0
    """States, over all playouts, with more than one legal move."""
    branching: int = 0
    """Legal moves summed over all states of all playouts."""
    sites: int = 0
    """Sites of the board."""
    sites_used: int = 0
    """Sites that were the origin or the target of a move in any playout."""
    diagnostics: tuple[Diagnostic, ...] = field(default=())
    message: str = ""
    """What went wrong, for statuses other than ok."""


class Compiled(Protocol):
    """A game that can be played; its contents are the engine's own business."""

    @property
    def text(self) -> str:
        """Return the description it was compiled from."""
        ...

    @property
    def name(self) -> str:
        """Return the game's name."""
        ...


class Engine(Protocol):
    """Neither method raises on account of the text it is given."""

    def compile(self, text: str, limits: Limits = DEFAULT_LIMITS) -> Compiled | Diagnostics: ...

    def evaluate(
        self,
        game: Compiled,
        playouts: int = 100,
        max_turns: int = 500,
        seed: int = 0,
        limits: Limits = DEFAULT_LIMITS,
    ) -> Metrics:
        """Return the counts of uniformly random playouts, each cut after `max_turns` turns of every player."""
        ...


def seed_of(text: str, seed: int = 0) -> int:
    """Return a 64-bit seed that depends on the description and the caller's seed alone."""
    digest = hashlib.blake2b(f"{seed}\0".encode() + text.encode("utf-8", "surrogatepass"), digest_size=8)
    return int.from_bytes(digest.digest(), "big")
