"""What generated move generators call: hops, captures, sowing, and rules about what a move leads to."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

from . import actions as acts
from .equipment import Track
from .runtime import RAYS, spend
from .state import Action, Generator, Move, State

Thens: TypeAlias = tuple[Generator, ...]
SiteTest: TypeAlias = Callable[[State, int], bool]
HopTest: TypeAlias = Callable[[State, int, int], bool]


class Found(Exception):
    """A move was found where one is enough."""


class First(list[Move]):
    """Stops generation at the first move."""

    def append(self, move: Move) -> None:
        raise Found

    def extend(self, moves: Iterable[Move]) -> None:
        for _ in moves:
            raise Found


class FirstTo(list[Move]):
    """Stops generation at the first move to a site."""

    def __init__(self, site: int):
        super().__init__()
        self.site = site

    def append(self, move: Move) -> None:
        if move[1] == self.site:
            raise Found

    def extend(self, moves: Iterable[Move]) -> None:
        for move in moves:
            if move[1] == self.site:
                raise Found


def can_move(c: State, generate: Generator) -> bool:
    """Return whether a generator gives any move that no rule against repetition forbids."""
    if not c.game.repetition:
        return finds(c, generate, First())
    moves: list[Move] = []
    generate(c, moves, ())
    return any(c.game.is_new(c, move) for move in moves)


def may_move(c: State, generate: Generator) -> bool:
    """Return whether a generator gives any move, where the ends of the last move count as visited."""
    if not c.game.tracks_visits:
        return can_move(c, generate)
    visited = c.visited
    c.visited = visited | {c.last_from, c.last_to}
    found = can_move(c, generate)
    c.visited = visited
    return found


def finds(c: State, generate: Generator, out: First | FirstTo) -> bool:
    """Return whether a generator gives a move that the list waits for; the generator is cut short there."""
    spend(c, 1)
    whose = c.mover, c.nxt, c.prev, c.player
    where = c.frm, c.to, c.between, c.site, c.value, c.region
    try:
        generate(c, out, ())
    except Found:  # what the generator had set on its way
        c.mover, c.nxt, c.prev, c.player = whose
        c.frm, c.to, c.between, c.site, c.value, c.region = where
        return True
    return False


def gathered(moves: list[Move]) -> tuple[tuple[Action, ...], Thens]:
    """Return the actions and the consequences of several moves together."""
    actions: list[Action] = []
    thens: list[Generator] = []
    for move in moves:
        actions += move[2]
        thens += move[3]
    return tuple(actions), tuple(thens)


def chained(effects: list[Move], f: int, t: int, action: Action, th: Thens) -> Move:
    """Return a move with its effects done first."""
    if not effects:
        return f, t, (action,), th
    actions, thens = gathered(effects)
    return f, t, (*actions, action), thens + th


def remove_between(c: State, out: list[Move], th: Thens) -> None:
    """Capture the piece at (between)."""
    if c.what[c.between]:
        out.append((c.between, c.between, ((acts.act_remove, c.between),), th))


def remove_to(c: State, out: list[Move], th: Thens) -> None:
    """Capture the piece at (to)."""
    if c.what[c.to]:
        out.append((c.to, c.to, ((acts.act_remove, c.to),), th))


def _hopped(c: State, f: int, t: int, sites: Sequence[int], side: Any, at_stop: Generator | None, th: Thens) -> Move:
    made: tuple[Action, ...] = ((c.game.act_move, f, t),)
    thens = th
    if at_stop is not None:
        effects: list[Move] = []
        at_stop(c, effects, ())
        actions, more = gathered(effects)
        made, thens = actions + made, more + thens
    if side is None:
        return f, t, made, thens
    if side is acts.act_remove:
        return f, t, (*((acts.act_remove, b) for b in reversed(sites) if c.what[b]), *made), thens
    for b in sites:
        c.between = b
        passed: list[Move] = []
        side(c, passed, ())
        if passed:
            actions, more = gathered(passed)
            made, thens = actions + made, more + thens
    return f, t, made, thens


def hop_one(
    c: State,
    out: list[Move],
    th: Thens,
    f: int,
    rays: Iterable[tuple[int, ...]],
    over: HopTest,
    go: HopTest,
    stop: HopTest | None,
    side: Any,
    at_stop: Generator | None,
) -> None:
    """Hop over one neighbor to the site behind it."""
    spend(c, RAYS)
    for ray in rays:
        if len(ray) < 2 or not over(c, f, ray[0]):
            continue
        t = ray[1]
        if go(c, f, t):
            if stop is None:
                out.append(_hopped(c, f, t, ray[:1], side, at_stop, th))
        elif stop is not None and stop(c, f, t):
            _stopped(c, out, th, f, t, at_stop)


def _stopped(c: State, out: list[Move], th: Thens, f: int, t: int, at_stop: Generator | None) -> None:
    effects: list[Move] = []
    if at_stop is not None:
        at_stop(c, effects, ())
    out.append(chained(effects, f, t, (c.game.act_move, f, t), th))


def hop(
    c: State,
    out: list[Move],
    th: Thens,
    f: int,
    rays: Iterable[tuple[int, ...]],
    low: int,
    high: int,
    before: int,
    after: int,
    over: HopTest,
    go: HopTest,
    stop: HopTest | None,
    side: Any,
    at_stop: Generator | None,
) -> None:
    """Hop over a row of hurdles, from before it to behind it."""
    spend(c, RAYS)
    for ray in rays:
        for start in range(len(ray)):
            if over(c, f, ray[start]):
                _over_row(c, out, th, f, ray, start, low, high, after, over, go, stop, side, at_stop)
                break
            if start + 1 > before or not go(c, f, ray[start]):
                break


def _over_row(
    c: State,
    out: list[Move],
    th: Thens,
    f: int,
    ray: tuple[int, ...],
    start: int,
    low: int,
    high: int,
    after: int,
    over: HopTest,
    go: HopTest,
    stop: HopTest | None,
    side: Any,
    at_stop: Generator | None,
) -> None:
    hurdles = [ray[start]]
    index = start + 1
    while index < len(ray) and len(hurdles) < high:
        if not over(c, f, ray[index]):
            break
        hurdles.append(ray[index])
        index += 1
    if len(hurdles) < low:
        return
    for fewer in range(len(hurdles) - low, -1, -1):
        place = index - fewer
        while place < len(ray):
            t = ray[place]
            if not go(c, f, t):
                if stop is not None and stop(c, f, t):
                    _stopped(c, out, th, f, t, at_stop)
                break
            if stop is None:
                out.append(_hopped(c, f, t, hurdles[: len(hurdles) - fewer], side, at_stop, th))
            if place - index + 1 > after - fewer:
                break
            place += 1


def hop_none(
    c: State, out: list[Move], th: Thens, f: int, targets: Iterable[int], go: HopTest, side: Generator | None
) -> None:
    """Step where a hop may be over nothing."""
    spend(c, 1)
    for t in targets:
        if go(c, f, t):
            effects: list[Move] = []
            if side is not None:
                side(c, effects, ())
            out.append(chained(effects, f, t, (c.game.act_move, f, t), th))


def track_rays(c: State, tracks: Sequence[Track], site: int) -> list[tuple[int, ...]]:
    """Return the ways along tracks from a site."""
    out: list[tuple[int, ...]] = []
    for track in tracks:
        for k, s in enumerate(track.sites):
            if s == site:
                spend(c, len(track.sites))
                rest = track.sites[k + 1 :]
                out.append(rest + track.sites[:k] if track.loop else rest)
    return out
