"""What generated move generators call: captures."""

from collections.abc import Iterable, Sequence
from typing import Any

from . import actions as acts
from .runtime import RAYS, Near, counted, spend
from .runtime_groups import LineTable
from .runtime_moves import SiteTest, Thens
from .state import Generator, Move, State


def custodial(
    c: State,
    out: list[Move],
    th: Thens,
    f: int,
    rays: Iterable[tuple[int, ...]],
    target: SiteTest,
    friend: SiteTest,
    capture: Generator,
    limit: int,
) -> None:
    """Capture rows of pieces that a friend closes at the other end."""
    spend(c, RAYS)
    o, p, q = c.frm, c.to, c.between
    for ray in rays:
        k = 0
        while k < len(ray) and k < limit and target(c, ray[k]):
            k += 1
        if k and k < len(ray) and friend(c, ray[k]):
            for b in ray[:k]:
                c.between = b
                capture(c, out, th)
    c.frm, c.to, c.between = o, p, q


def intervene(
    c: State, out: list[Move], th: Thens, through: Any, target: SiteTest, capture: Generator, limit: int
) -> None:
    """Capture the pieces on both sides of a piece that moves between them."""
    spend(c, RAYS)
    old = c.to
    for ray, opposites in through:
        for opposite in opposites:
            if target(c, ray[0]) and target(c, opposite[0]):
                for s in (ray[0], opposite[0]):
                    c.to = s
                    capture(c, out, th)
    c.to = old


def surround(
    c: State,
    out: list[Move],
    th: Thens,
    f: int,
    near: Near,
    target: SiteTest,
    friend: SiteTest,
    capture: Generator,
    spare: int,
) -> None:
    """Capture neighbors that friends stand all around."""
    o, p, q = c.frm, c.to, c.between
    for b in counted(c, near(c, f)):
        if not target(c, b):
            continue
        c.between = b
        if sum(not friend(c, s) for s in counted(c, near(c, b))) <= spare:
            c.between = b
            capture(c, out, th)
    c.frm, c.to, c.between = o, p, q


def enclose(
    c: State, out: list[Move], th: Thens, f: int, near: Near, target: SiteTest, capture: Generator, spare: int
) -> None:
    """Capture the groups next to a site that no empty site is next to; a few of these may count as of the group."""
    if not c.what[f]:
        return
    o, p, q = c.frm, c.to, c.between
    done: set[int] = set()
    for first in near(c, f):
        if first in done or not (target(c, first) or (spare > 0 and not c.what[first])):
            continue
        group = _without_liberties(c, first, near, target, spare, done)
        for b in group:
            c.between = b
            capture(c, out, th)
    c.frm, c.to, c.between = o, p, q


def _without_liberties(c: State, first: int, near: Near, target: SiteTest, spare: int, done: set[int]) -> list[int]:
    """Return the group of a site and up to `spare` empty ones; nothing when there are more empty sites next to it."""
    spare -= not c.what[first]
    found, queue = {first}, [first]
    for site in queue:
        for s in counted(c, near(c, site)):
            if s in found:
                continue
            if not target(c, s):
                if c.what[s]:
                    continue
                if spare <= 0:
                    return []
                spare -= 1
            found.add(s)
            queue.append(s)
        done.add(site)
    return queue


def enclose_area(
    c: State,
    out: list[Move],
    th: Thens,
    f: int,
    near: Near,
    joined: Sequence[Sequence[int]],
    target: SiteTest,
    capture: Generator,
) -> None:
    """Capture the areas next to a site, empty sites and all, that one group of other pieces stands around."""
    if not c.what[f]:
        return
    o, p, q = c.frm, c.to, c.between
    done: set[int] = set()
    for first in sorted(near(c, f), key=joined[f].index):
        if first in done or not target(c, first):
            continue
        area, wall = {first: None}, dict[int, None]()
        queue = [first]
        for site in queue:
            for s in sorted(counted(c, near(c, site)), key=joined[site].index):
                if s in area:
                    continue
                if target(c, s):
                    area[s] = None
                    queue.append(s)
                else:
                    wall[s] = None
        done.update(area)
        if _hangs_together(list(wall), joined):
            for b in area:
                c.between = b
                capture(c, out, th)
    c.frm, c.to, c.between = o, p, q


def _hangs_together(sites: list[int], joined: Sequence[Sequence[int]]) -> bool:
    """Return whether a walk from the first site on, taking the first way to a site not yet visited, sees them all."""
    if not sites:
        return False
    left = set(sites)
    here = sites[0]
    while len(left) > 1:
        left.discard(here)
        following = next((s for s in joined[here] if s in left), None)
        if following is None:
            return False
        here = following
    return True


def push(c: State, out: list[Move], th: Thens, f: int, rays: Iterable[tuple[int, ...]]) -> None:
    """Push a row of pieces one site on; the last one may fall off the board."""
    spend(c, RAYS)
    for ray in rays:
        row = [f]
        for s in ray:
            if not c.what[s]:
                break
            row.append(s)
        else:
            if c.what[row[-1]]:
                out.append((row[-1], row[-1], ((acts.act_remove, row[-1]),), ()))
        ends = (*row[1:], ray[len(row) - 1]) if len(row) - 1 < len(ray) else (*row[1:], -1)
        for a, b in reversed(list(zip(row, ends, strict=True))):
            if b >= 0:
                out.append((a, b, ((c.game.act_move, a, b),), th))


def line_from(lines: LineTable, site: int) -> Any:
    """Return the lines through a site."""
    return lines[site]
