"""What generated move generators call: hops, captures, sowing, and rules about what a move leads to."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

from . import state as acts
from .equipment import Track
from .runtime import LineTable, Near, Test, find_track, spend
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
    """Return whether a generator gives any move."""
    try:
        generate(c, First(), ())
    except Found:
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


def _hopped(
    c: State, f: int, t: int, sites: Sequence[int], side: Any, at_stop: Generator | None, th: Thens
) -> Move:
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
    c: State, out: list[Move], th: Thens, f: int, rays: Iterable[tuple[int, ...]], over: HopTest, go: HopTest,
    stop: HopTest | None, side: Any, at_stop: Generator | None,
) -> None:
    """Hop over one neighbor to the site behind it."""
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
    c: State, out: list[Move], th: Thens, f: int, rays: Iterable[tuple[int, ...]], low: int, high: int,
    before: int, after: int, over: HopTest, go: HopTest, stop: HopTest | None, side: Any, at_stop: Generator | None,
) -> None:
    """Hop over a row of hurdles, from before it to behind it."""
    for ray in rays:
        for start in range(len(ray)):
            if over(c, f, ray[start]):
                _over_row(c, out, th, f, ray, start, low, high, after, over, go, stop, side, at_stop)
                break
            if start + 1 > before or not go(c, f, ray[start]):
                break


def _over_row(
    c: State, out: list[Move], th: Thens, f: int, ray: tuple[int, ...], start: int, low: int, high: int,
    after: int, over: HopTest, go: HopTest, stop: HopTest | None, side: Any, at_stop: Generator | None,
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
    for t in targets:
        if go(c, f, t):
            effects: list[Move] = []
            if side is not None:
                side(c, effects, ())
            out.append(chained(effects, f, t, (c.game.act_move, f, t), th))


def track_rays(tracks: Sequence[Track], site: int) -> list[tuple[int, ...]]:
    """Return the ways along tracks from a site."""
    out: list[tuple[int, ...]] = []
    for track in tracks:
        for k, s in enumerate(track.sites):
            if s == site:
                rest = track.sites[k + 1 :]
                out.append(rest + track.sites[:k] if track.loop else rest)
    return out


# ------------------------------------------------------------------ what follows


def perform(c: State, move: Move) -> None:
    """Do the actions of a move, then its consequences."""
    for action in move[2]:
        action[0](c, action)
    if c.game.tracks_actions:
        c.applied += move[2]
    for then in move[3]:
        effects: list[Move] = []
        then(c, effects, ())
        for effect in effects:
            perform(c, effect)


def apply_move(c: State, move: Move) -> None:
    """Do a decision of a player: the board changes, whose turn it is does not."""
    c.pending.clear()
    game = c.game
    for action in move[2]:
        action[0](c, action)
    c.last_from, c.last_to = move[0], move[1]
    c.last_pass = move[2][0][0] is act_pass
    if game.tracks_actions:
        c.applied = list(move[2])
    for then in move[3]:
        effects: list[Move] = []
        then(c, effects, ())
        for effect in effects:
            perform(c, effect)
    if c.to_clear and c.nxt != c.mover:
        for site in c.to_clear:
            acts.act_remove(c, (None, site))
        c.to_clear.clear()


def after_to(c: State) -> int:
    """Return the last site that the last move, with all that followed from it, changed; -1 for none."""
    for action in reversed(c.applied):
        place = acts.SITE_OF.get(action[0])
        if place is not None:
            return action[place]
    return -1


def act_pass(c: State, a: Action) -> None:
    """Pass the turn."""


def filter_after(c: State, out: list[Move], moves: list[Move], test: Callable[[State], bool]) -> None:
    """Keep the moves after which a condition holds."""
    for move in moves:
        if holds_after(c, move, test):
            out.append(move)


def holds_after(c: State, move: Move, test: Callable[[State], bool]) -> bool:
    """Return whether a condition holds once a move is done."""
    new = c.copy()
    spend(c, 20)
    apply_move(new, move)
    held = test(new)
    c.work = new.work
    return held


def do_then(c: State, out: list[Move], first: Generator, second: Generator, th: Thens) -> None:
    """Do the first moves, then generate the second ones; what was done first is part of each of them."""
    before: list[Move] = []
    first(c, before, ())
    new = c.copy()
    for move in before:
        perform(new, move)
    after: list[Move] = []
    second(new, after, th)
    c.work = new.work
    actions, thens = gathered(before)
    for f, t, made, following in after:
        out.append((f, t, actions + made, thens + following))


def longest(c: State, moves: list[Move]) -> list[Move]:
    """Keep the moves that begin the longest sequences of moves of one turn."""
    return _best(c, moves, lambda move: 0, lambda move: 1)


def most_captures(c: State, moves: list[Move]) -> list[Move]:
    """Keep the moves that begin the sequences of one turn with the most captures."""
    return _best(c, moves, _captures, _captures)


def _captures(move: Move) -> int:
    return sum(action[0] in (acts.act_remove, acts.act_remove_later) for action in move[2])


def _best(c: State, moves: list[Move], own: Callable[[Move], int], more: Callable[[Move], int]) -> list[Move]:
    if len(moves) < 2:
        return moves
    lengths = [own(move) + _rest(c, move, more) for move in moves]
    best = max(lengths)
    return [move for move, length in zip(moves, lengths, strict=True) if length == best]


def _rest(c: State, move: Move, more: Callable[[Move], int]) -> int:
    mover, total = c.mover, 0
    new = c.copy()
    game = c.game
    for _ in range(200):
        spend(new, 20)
        game.play(new, move)
        if new.over or new.mover != mover:
            break
        following = game.moves(new)
        if not following:
            break
        move = following[0]
        total += more(move)
    c.work = new.work
    return total


def no_moves_next(c: State) -> bool:
    """Return whether the next player will have no move."""
    if c.deep & 2:
        return False
    mover, nxt, prev = c.mover, c.nxt, c.prev
    if not c.over:
        c.prev, c.mover, c.nxt = mover, nxt, 3 - nxt
    c.deep |= 2
    stuck = c.game.stuck(c)
    c.deep &= ~2
    c.stale[c.mover] = stuck
    c.mover, c.nxt, c.prev = mover, nxt, prev
    return c.stale[nxt]


def threatened(c: State, what: int | None, sites: Iterable[int] | None) -> bool:
    """Return whether the other player could move onto a piece."""
    if c.deep & 1:
        return False
    if sites is None:
        sites = [s for s in range(c.game.board_size) if c.what[s] == what and what]
    mover, nxt, prev, deep = c.mover, c.nxt, c.prev, c.deep
    found = False
    for site in sites:
        if site < 0:
            continue
        owner = c.game.owner[what] if what else c.who[site]
        if owner not in (1, 2):
            continue
        c.prev, c.mover, c.nxt = owner, 3 - owner, owner
        c.deep = deep | 1
        try:
            c.game.generator(c)(c, FirstTo(site), ())
        except Found:
            found = True
        c.mover, c.nxt, c.prev, c.deep = mover, nxt, prev, deep
        if found:
            break
    return found


def ends_of_moves(c: State, generate: Generator, end: int) -> list[int]:
    """Return the origins (0) or targets (1) of moves."""
    moves: list[Move] = []
    generate(c, moves, ())
    return list(dict.fromkeys(m[end] for m in moves if m[end] >= 0))


def groups(c: State, near: Near, test: Test) -> list[list[int]]:
    """Return the groups of sites on the board: of one owner, or passing a test of (to)."""
    old, out, seen = c.to, list[list[int]](), set[int]()
    for start in range(c.game.board_size):
        c.to = start
        if start in seen or not (test(c) if test is not None else c.what[start]):
            continue
        found, queue = [start], [start]
        seen.add(start)
        while queue:
            for s in near(c, queue.pop()):
                c.to = s
                if s not in seen and (test(c) if test is not None else c.who[s] == c.who[start]):
                    seen.add(s)
                    found.append(s)
                    queue.append(s)
        out.append(found)
    c.to = old
    return out


# ------------------------------------------------------------------ captures


def custodial(
    c: State, out: list[Move], th: Thens, f: int, rays: Iterable[tuple[int, ...]], target: SiteTest, friend: SiteTest,
    capture: Generator, limit: int,
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
    c: State, out: list[Move], th: Thens, f: int, near: Near, target: SiteTest, friend: SiteTest, capture: Generator,
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
    c: State, out: list[Move], th: Thens, tracks: Sequence[Track], name: str | None, owner: int | None, f: int,
    count: int, per_hole: Callable[[State], int] | None, own: bool, capture_if: Test, origin: Test, skip: Test,
    backtracking: Test, forward: Test, capture: Generator | None, effect: Generator | None,
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
    c: State, sown: list[Action], sites: Sequence[int], loop: bool, place: int, f: int, capture_if: Test,
    backtracking: Test, forward: Test, capture: Generator,
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
            if not backtracking(new) or not loop and place == 0:
                break
            place = (place - 1) % len(sites)
            new.to = sites[place]
            if not backtracking(new) or new.to == f:
                break
        if forward is not None:
            if not forward(new) or not loop and place + 1 >= len(sites):
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
