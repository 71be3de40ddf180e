"""What generated move generators call: captures and sowing."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from . import actions as acts
from .equipment import Track
from .runtime import COPY, RAYS, Near, Test, counted, spend
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
    """Capture the groups next to a site that have no empty neighbor left."""
    o, p, q = c.frm, c.to, c.between
    done: set[int] = set()
    for first in near(c, f):
        if first in done or not target(c, first):
            continue
        found, queue, free = [first], [first], 0
        done.add(first)
        while queue:
            for s in counted(c, near(c, queue.pop())):
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


# ------------------------------------------------------------------ sowing


@dataclass(frozen=True, slots=True)
class SowRule:
    """How seeds are sown and captured, as a description says it; None where it says nothing."""

    tracks: Sequence[Track]
    name: str | None
    per_hole: Callable[[State], int] | None
    own: bool
    """The hole that is emptied is sown too when it is reached again."""
    capture_if: Test
    origin: Test
    skip: Test
    backtracking: Test
    forward: Test
    capture: Generator | None
    effect: Generator | None


def sow(c: State, out: list[Move], th: Thens, rule: SowRule, owner: int | None, f: int, count: int) -> None:
    """Sow seeds from a hole along a track, then capture from where the last one fell."""
    track = find_track(rule.tracks, rule.name, owner, None)
    if track is None or f not in track.sites:
        return
    o, p, v = c.frm, c.to, c.value
    actions: list[Action] = []
    sown = 0
    c.frm = f
    if rule.origin is not None and rule.origin(c):
        sown = _put(c, rule, actions, f, f, 0, count)
        c.to = f
    c.frm = o
    place = _scatter(c, rule, track, actions, f, sown, count)
    if rule.capture is not None:
        actions += _sow_captures(c, rule, actions, track, place, f)
    c.frm, c.to, c.value = o, p, v
    out.append((f, c.to, tuple(actions), th))


def _put(c: State, rule: SowRule, actions: list[Action], f: int, site: int, sown: int, count: int) -> int:
    if rule.effect is not None:
        effects: list[Move] = []
        rule.effect(c, effects, ())
        actions.extend(gathered(effects)[0])
    for _ in counted(c, range(rule.per_hole(c))) if rule.per_hole is not None else range(1):
        if sown < count and site != f:
            actions.append((acts.act_move_many, f, site, 1))
        sown += 1
    return sown


def _scatter(c: State, rule: SowRule, track: Track, actions: list[Action], f: int, sown: int, count: int) -> int:
    """Put the seeds into the holes that follow; return the place on the track of the last one."""
    sites, length = track.sites, len(track.sites)
    place, index, skipped = sites.index(f), 0, 0
    while sown < count and index < count:
        spend(c, 1)
        c.value = count - index
        following = (place + 1) % length if track.loop else place + 1
        if following >= length:
            break
        c.to = sites[following]
        if rule.skip is not None and rule.skip(c):
            place, skipped = following, skipped + 1
            if skipped > 2 * length:
                break
            continue
        skipped = 0
        if not rule.own and sites[following] == f:
            following = (following + 1) % length if track.loop else following + 1
            if following >= length:
                break
        sown = _put(c, rule, actions, f, sites[following], sown, count)
        place = following
        index += 1
    return place


def _sow_captures(c: State, rule: SowRule, sown: list[Action], track: Track, place: int, f: int) -> list[Action]:
    new = c.copy()
    new.frm, new.to, new.value = c.frm, c.to, c.value
    spend(new, len(sown))
    for action in sown:
        action[0](new, action)
    out: list[Action] = []
    assert rule.capture is not None
    for _ in track.sites:
        if rule.capture_if is not None and not rule.capture_if(new):
            break
        new.frm = f
        effects: list[Move] = []
        rule.capture(new, effects, ())
        for move in effects:
            out += all_actions(new, move)
        step = _next_capture(new, rule, track, place, f)
        if step is None:
            break
        place = step
    c.work = new.work
    return out


def _next_capture(c: State, rule: SowRule, track: Track, place: int, f: int) -> int | None:
    """Return the place that is captured from next, backwards or forwards; None when that is all."""
    sites = track.sites
    if rule.backtracking is not None:
        if not rule.backtracking(c) or (not track.loop and place == 0):
            return None
        place = (place - 1) % len(sites)
        c.to = sites[place]
        if not rule.backtracking(c) or c.to == f:
            return None
    if rule.forward is not None:
        if not rule.forward(c) or (not track.loop and place + 1 >= len(sites)):
            return None
        place = (place + 1) % len(sites)
        c.to = sites[place]
        if not rule.forward(c):
            return None
    return None if rule.backtracking is None and rule.forward is None else place


def all_actions(c: State, move: Move) -> list[Action]:
    """Return the actions of a move and of its consequences, worked out on a copy."""
    if not move[3]:
        return list(move[2])
    new = c.copy()
    spend(new, COPY)
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
    c.work = new.work
    return actions
