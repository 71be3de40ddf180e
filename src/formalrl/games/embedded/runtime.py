"""What generated programs call: reads, regions, groups, lines and tracks."""

import math
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, TypeAlias

from .state import State

Near: TypeAlias = Callable[[State, int], Collection[int]]
Rays: TypeAlias = Callable[[State, int], Collection[tuple[int, ...]]]
Test: TypeAlias = Callable[[State], bool] | None


RAYS = 16
"""Operations charged for looking along the lines that leave a site."""
COPY = 20
"""Operations charged for a copy of the state."""


MOVE = 10
"""Operations charged for a move that is put on a list."""
MOST_MOVES = 50_000
"""Moves on one list, and with them the memory that a text can take."""


class OverBudget(Exception):
    """A playout took more elementary operations than its limit, or something else without measure."""


def spend(c: State, work: int) -> None:
    """Charge elementary operations to the playout.

    Raises:
        OverBudget: when there were too many.
    """
    c.work += work
    if c.work > c.game.max_work:
        raise OverBudget


def counted(c: State, items: Any, more: int = 0) -> Any:
    """Return a sized collection, its size (and some more) charged: what a loop over it or a scan of it takes."""
    spend(c, len(items) + more)
    return items


def made_for(c: State, sites: Any) -> Any:
    """Return sites for each of which a move is made, the moves charged."""
    spend(c, MOVE * len(sites))
    return sites


def too_many() -> None:
    """Give up on a list of moves.

    Raises:
        OverBudget: always.
    """
    raise OverBudget(f"more than {MOST_MOVES} moves at once")


def at(array: Sequence[int], site: int, elsewhere: int = 0) -> int:
    """Return an entry; `elsewhere` off the board."""
    return array[site] if 0 <= site < len(array) else elsewhere


def divide(a: int, b: int) -> int:
    """Return the quotient, rounded towards 0."""
    return int(a / b)


def modulo(a: int, b: int) -> int:
    """Return the remainder with the sign of the dividend."""
    return int(math.fmod(a, b))


def power(a: int, b: int) -> int:
    """Return a small power."""
    if b < 0 or abs(a) > 10_000 or b > 8:
        raise ArithmeticError("a power out of range")
    return a**b


def empty(c: State, size: int) -> list[int]:
    """Return the empty sites of the board."""
    c.work += size
    what = c.what
    return [s for s in range(size) if not what[s]]


def owned(c: State, size: int, owner: int) -> list[int]:
    """Return the sites of the board with pieces of a player."""
    c.work += size
    who = c.who
    return (
        [s for s in range(size) if who[s] == owner] if owner else [s for s in range(size) if c.what[s] and not who[s]]
    )


def kept_kinds(c: State, size: int, owner: int | None, kinds: Collection[int]) -> list[int]:
    """Return the sites with pieces of some kinds, of a player or of anybody."""
    c.work += size
    return [s for s in range(size) if c.what[s] in kinds and (owner is None or c.who[s] == owner)]


def count_in(c: State, sites: Collection[int]) -> int:
    """Return the number of pieces or seeds on some sites."""
    c.work += len(sites)
    return sum(c.cnt[s] for s in sites if s >= 0)


def count_among(c: State, sites: Collection[int], low: int, high: int) -> int:
    """Return the number of pieces or seeds on those of some sites that are in a range."""
    c.work += len(sites)
    return sum(c.cnt[s] for s in sites if low <= s < high)


def count_pieces(c: State, owner: int | None, kinds: Collection[int] | None, region: Collection[int] | None) -> int:
    """Return the number of pieces: of a player, of some kinds, in a region or anywhere."""
    what, who, cnt = c.what, c.who, c.cnt
    sites = range(len(what) - 1) if region is None else region
    c.work += len(sites)
    plain = not c.game.counted
    total = 0
    for s in sites:
        if what[s] and (owner is None or who[s] == owner) and (kinds is None or what[s] in kinds):
            total += 1 if plain else cnt[s]
    return total


def any_pieces(c: State, owner: int | None, kinds: Collection[int] | None, region: Collection[int] | None) -> bool:
    """Return whether there is such a piece."""
    if region is None and kinds is None and owner:
        return owner in c.who
    return count_pieces(c, owner, kinds, region) > 0


def joined(*parts: Iterable[int]) -> list[int]:
    """Return the union, in order."""
    return list(dict.fromkeys(s for part in parts for s in part))


def common(*parts: Iterable[int]) -> list[int]:
    """Return the intersection, in the order of the first part."""
    first, *others = parts
    sets = [set(o) for o in others]
    return [s for s in first if all(s in o for o in sets)]


def without(first: Iterable[int], second: Collection[int]) -> list[int]:
    """Return the difference."""
    taken = second if isinstance(second, frozenset) else set(second)
    return [s for s in first if s not in taken]


def item(values: Sequence[int], index: int) -> int:
    """Return an item of a list; -1 beyond its ends."""
    return values[index] if 0 <= index < len(values) else -1


def expand(table: Sequence[Iterable[int]], start: Iterable[int], steps: int) -> list[int]:
    """Return a region with everything within some steps of it."""
    found = dict.fromkeys(s for s in start if s >= 0)
    frontier = list(found)
    for _ in range(min(steps, len(table))):
        following: list[int] = []
        for site in frontier:
            for target in table[site] if site < len(table) else ():
                if target not in found:
                    found[target] = None
                    following.append(target)
        frontier = following
        if not frontier:
            break
    return list(found)


def around(c: State, near: Near, centers: Iterable[int], kind: str, test: Test, own: bool) -> list[int]:
    """Return the neighbors of some sites, of one kind or that pass a test of (from) and (to); never the sites
    themselves, unless `own` asks for all of them."""
    out: dict[int, None] = {}
    old, before = c.to, c.frm
    centers = [center for center in centers if center >= 0]
    for center in centers:
        c.frm = center
        for s in counted(c, near(c, center)):
            c.to = s
            if (kind == "Empty" and c.what[s]) or (kind == "NotEmpty" and not c.what[s]):
                continue
            if (kind == "Own" and c.who[s] != c.mover) or (kind == "Enemy" and c.who[s] != 3 - c.mover):
                continue
            if test is None or test(c):
                out[s] = None
    c.to, c.frm = old, before
    if own:
        return list(out | dict.fromkeys(centers))
    for center in centers:
        out.pop(center, None)
    return list(out)


def along(
    c: State, rays: Rays, starts: Iterable[int], stop: Test, included: bool, stop_included: bool, limit: int
) -> list[int]:
    """Return the sites on the lines that leave some sites, up to where a test of (to) stops them."""
    out: dict[int, None] = {}
    old = c.to
    for start in starts:
        if start < 0:
            continue
        if included:
            out[start] = None
        for ray in rays(c, start):
            for s in counted(c, ray[:limit]):
                c.to = s
                if stop is not None and stop(c):
                    if stop_included:
                        out[s] = None
                    break
                out[s] = None
    c.to = old
    return list(out)


def strictly_between(c: State, rays: Rays, a: int, b: int, from_in: bool, to_in: bool) -> list[int]:
    """Return the sites on the line from one site to another."""
    if a < 0 or b < 0:
        return []
    c.work += RAYS
    for ray in rays(c, a):
        if b in ray:
            found = list(ray[: ray.index(b)])
            return ([a] if from_in else []) + found + ([b] if to_in else [])
    return []


def sight(c: State, rays: Rays, start: int, kind: str) -> list[int]:
    """Return what is seen from a site along its lines: the empty sites, the farthest of them, or the first pieces."""
    c.work += RAYS
    out: list[int] = []
    for ray in rays(c, start) if start >= 0 else ():
        seen: list[int] = []
        for s in ray:
            if c.what[s]:
                if kind == "Piece":
                    out.append(s)
                break
            seen.append(s)
        if kind == "Empty":
            out += seen
        elif kind == "Farthest" and seen:
            out.append(seen[-1])
    return list(dict.fromkeys(out))
