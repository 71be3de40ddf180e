"""What generated move generators call: sowing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from . import actions as acts
from .equipment import Track
from .runtime import COPY, Test, counted, spend
from .runtime_moves import Thens, gathered
from .runtime_tracks import sown_track
from .state import Action, Generator, Move, State


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
    track = sown_track(rule.tracks, rule.name, owner)
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
        if sown < count:
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
