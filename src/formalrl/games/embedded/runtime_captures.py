"""What generated move generators call: captures and sowing."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from . import actions as acts
from .equipment import Track
from .runtime import Near, Test, spend
from .runtime_groups import LineTable
from .runtime_moves import SiteTest, Thens, gathered
from .runtime_tracks import find_track
from .state import Action, Generator, Move, State

# ------------------------------------------------------------------ captures


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
    for b in near(c, f):
        if not target(c, b):
            continue
        c.between = b
        if sum(not friend(c, s) for s in near(c, b)) <= spare:
            c.between = b
            capture(c, out, th)
    c.frm, c.to, c.between = o, p, q


def enclose(
    c: State, out: list[Move], th: Thens, f: int, near: Near, target: SiteTest, capture: Generator, spare: int
) -> None:
    """Capture the groups next to a site that have no empty neighbor left."""
    o, p, q = c.frm, c.to, c.between
    done: set[int] = set()
    for first in near(c, f):
        if first in done or not target(c, first):
            continue
        found, queue, free = [first], [first], 0
        done.add(first)
        while queue:
            for s in near(c, queue.pop()):
                if s in done:
                    continue
                if target(c, s):
                    done.add(s)
                    found.append(s)
                    queue.append(s)
                elif not c.what[s]:
                    free += 1
        if free <= spare:
            for b in found:
                c.between = b
                capture(c, out, th)
    c.frm, c.to, c.between = o, p, q


def push(c: State, out: list[Move], th: Thens, f: int, rays: Iterable[tuple[int, ...]]) -> None:
    """Push a row of pieces one site on; the last one may fall off the board."""
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


# ------------------------------------------------------------------ sowing


def sow(
    c: State,
    out: list[Move],
    th: Thens,
    tracks: Sequence[Track],
    name: str | None,
    owner: int | None,
    f: int,
    count: int,
    per_hole: Callable[[State], int] | None,
    own: bool,
    capture_if: Test,
    origin: Test,
    skip: Test,
    backtracking: Test,
    forward: Test,
    capture: Generator | None,
    effect: Generator | None,
) -> None:
    """Sow seeds from a hole along a track, then capture from where the last one fell."""
    track = find_track(tracks, name, owner, None)
    if track is None:
        return
    sites = track.sites
    length = len(sites)
    o, p, v = c.frm, c.to, c.value
    place = sites.index(f) if f in sites else length
    if place == length:
        return
    actions: list[Action] = []

    def put(site: int, sown: int) -> int:
        if effect is not None:
            effects: list[Move] = []
            effect(c, effects, ())
            actions.extend(gathered(effects)[0])
        number = per_hole(c) if per_hole is not None else 1
        for _ in range(number):
            if sown < count and site != f:
                actions.append((acts.act_move_many, f, site, 1))
            sown += 1
        return sown

    sown = 0
    c.frm = f
    if origin is not None and origin(c):
        sown = put(f, 0)
        c.to = f
    c.frm = o
    index = skipped = 0
    while sown < count and index < count:
        spend(c, 1)
        c.value = count - index
        following = (place + 1) % length if track.loop else place + 1
        if following >= length:
            break
        c.to = sites[following]
        if skip is not None and skip(c):
            place, skipped = following, skipped + 1
            if skipped > 2 * length:
                break
            continue
        skipped = 0
        if not own and sites[following] == f:
            place = following
            following = (place + 1) % length if track.loop else place + 1
            if following >= length:
                break
        c_to = sites[following]
        sown = put(c_to, sown)
        place = following
        index += 1
    if capture is not None:
        actions += _sow_captures(c, actions, sites, track.loop, place, f, capture_if, backtracking, forward, capture)
    c.frm, c.to, c.value = o, p, v
    out.append((f, c.to, tuple(actions), th))


def _sow_captures(
    c: State,
    sown: list[Action],
    sites: Sequence[int],
    loop: bool,
    place: int,
    f: int,
    capture_if: Test,
    backtracking: Test,
    forward: Test,
    capture: Generator,
) -> list[Action]:
    new = c.copy()
    new.frm, new.to, new.value = c.frm, c.to, c.value
    spend(new, len(sown))
    for action in sown:
        action[0](new, action)
    out: list[Action] = []
    for _ in range(len(sites)):
        if capture_if is not None and not capture_if(new):
            break
        new.frm = f
        effects: list[Move] = []
        capture(new, effects, ())
        for move in effects:
            out += all_actions(new, move)
        if backtracking is None and forward is None:
            break
        if backtracking is not None:
            if not backtracking(new) or (not loop and place == 0):
                break
            place = (place - 1) % len(sites)
            new.to = sites[place]
            if not backtracking(new) or new.to == f:
                break
        if forward is not None:
            if not forward(new) or (not loop and place + 1 >= len(sites)):
                break
            place = (place + 1) % len(sites)
            new.to = sites[place]
            if not forward(new):
                break
    c.work = new.work
    return out


def all_actions(c: State, move: Move) -> list[Action]:
    """Return the actions of a move and of its consequences, worked out on a copy."""
    if not move[3]:
        return list(move[2])
    new = c.copy()
    actions = list(move[2])
    for action in move[2]:
        action[0](new, action)
    for then in move[3]:
        effects: list[Move] = []
        then(new, effects, ())
        for effect in effects:
            inner = all_actions(new, effect)
            for action in inner:
                action[0](new, action)
            actions += inner
    return actions
