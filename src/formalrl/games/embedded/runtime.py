"""What generated programs call: reads, regions, groups, lines and tracks."""

import math
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, TypeAlias

from .directions import COMPASS
from .equipment import Track
from .state import State
from .topology import Topology

Near: TypeAlias = Callable[[State, int], Iterable[int]]
Rays: TypeAlias = Callable[[State, int], Iterable[tuple[int, ...]]]
Test: TypeAlias = Callable[[State], bool] | None


class OverBudget(Exception):
    """A playout took more elementary operations than its limit."""


def spend(c: State, work: int) -> None:
    """Charge elementary operations to the playout.

    Raises:
        OverBudget: when there were too many.
    """
    c.work += work
    if c.work > c.game.max_work:
        raise OverBudget


def at(array: Sequence[int], site: int) -> int:
    """Return an entry, 0 off the board."""
    return array[site] if 0 <= site < len(array) else 0


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
    what = c.what
    return [s for s in range(size) if not what[s]]


def owned(c: State, size: int, owner: int) -> list[int]:
    """Return the sites of the board with pieces of a player."""
    who = c.who
    return [s for s in range(size) if who[s] == owner] if owner else [s for s in range(size) if c.what[s] and not who[s]]


def kept_kinds(c: State, size: int, owner: int | None, kinds: Collection[int]) -> list[int]:
    """Return the sites with pieces of some kinds, of a player or of anybody."""
    return [s for s in range(size) if c.what[s] in kinds and (owner is None or c.who[s] == owner)]


def count_in(c: State, sites: Iterable[int]) -> int:
    """Return the number of pieces or seeds on some sites."""
    return sum(c.cnt[s] for s in sites if s >= 0)


def count_pieces(c: State, owner: int | None, kinds: Collection[int] | None, region: Iterable[int] | None) -> int:
    """Return the number of pieces: of a player, of some kinds, in a region or anywhere."""
    what, who, cnt = c.what, c.who, c.cnt
    sites = range(len(what) - 1) if region is None else region
    plain = not c.game.counted
    total = 0
    for s in sites:
        if what[s] and (owner is None or who[s] == owner) and (kinds is None or what[s] in kinds):
            total += 1 if plain else cnt[s]
    return total


def any_pieces(c: State, owner: int | None, kinds: Collection[int] | None, region: Iterable[int] | None) -> bool:
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
    """Return the neighbors of some sites, of one kind or that pass a test of (to)."""
    out: dict[int, None] = {}
    old = c.to
    for center in centers:
        if center < 0:
            continue
        for s in near(c, center):
            c.to = s
            if kind == "Empty" and c.what[s] or kind == "NotEmpty" and not c.what[s]:
                continue
            if kind == "Own" and c.who[s] != c.mover or kind == "Enemy" and c.who[s] != 3 - c.mover:
                continue
            if test is None or test(c):
                out[s] = None
        if own:
            out[center] = None
    c.to = old
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
            for s in ray[:limit]:
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
    for ray in rays(c, a):
        if b in ray:
            found = list(ray[: ray.index(b)])
            return ([a] if from_in else []) + found + ([b] if to_in else [])
    return []


def sight(c: State, rays: Rays, start: int, kind: str) -> list[int]:
    """Return what is seen from a site along its lines: the empty sites, the farthest of them, or the first pieces."""
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


def _group(c: State, near: Near, start: int, belongs: Callable[[int], bool]) -> list[int]:
    found, queue = {start: None}, [start]
    while queue:
        site = queue.pop()
        for s in near(c, site):
            if s not in found and belongs(s):
                found[s] = None
                queue.append(s)
    spend(c, len(found))
    return list(found)


def _belongs(c: State, test: Test, owner: int) -> Callable[[int], bool]:
    who = c.who
    if test is None:
        return lambda s: who[s] == owner

    def passes(s: int) -> bool:
        c.to = s
        return test(c)

    return passes


def group_at(c: State, near: Near, test: Test, start: int) -> list[int]:
    """Return the sites that hang together with a site: of the same owner, or passing a test of (to)."""
    if not 0 <= start < len(c.what) - 1:
        return []
    old = c.to
    belongs = _belongs(c, test, c.who[start])
    if not (belongs(start) if test is not None else c.what[start]):
        c.to = old
        return []
    found = _group(c, near, start, belongs)
    c.to = old
    return found


def group_sizes(c: State, near: Near, test: Test, owner: int | None, least: int) -> list[int]:
    """Return the sizes of the groups on the board."""
    old, sizes, seen = c.to, list[int](), set[int]()
    for s in range(c.game.board_size):
        if s in seen:
            continue
        if test is not None:
            c.to = s
            inside = test(c)
        else:
            inside = c.what[s] != 0 and (owner is None or c.who[s] == owner)
        if inside:
            found = _group(c, near, s, _belongs(c, test, c.who[s]))
            seen.update(found)
            if len(found) >= least:
                sizes.append(len(found))
    c.to = old
    return sizes


def liberties(c: State, near: Near, group: list[int]) -> int:
    """Return the number of empty sites next to a group."""
    return len({t for s in group for t in near(c, s) if not c.what[t]})


def territory(c: State, near: Near, owner: int) -> int:
    """Return the number of empty sites that only a player's pieces surround."""
    total, seen = 0, set[int]()
    for s in range(c.game.board_size):
        if c.what[s] or s in seen:
            continue
        found = _group(c, near, s, lambda t: not c.what[t])
        seen.update(found)
        owners = {c.who[t] for f in found for t in near(c, f) if c.what[t]}
        if owners == {owner}:
            total += len(found)
    return total


def connected(c: State, near: Near, start: int, sets: Sequence[Collection[int]], number: int) -> bool:
    """Return whether the group at a site touches all (or a number) of some regions."""
    if not 0 <= start < c.game.board_size or not c.what[start]:
        return False
    owner, who = c.who[start], c.who
    needed = number or len(sets)
    touched = [start in region for region in sets]
    seen, queue = {start}, [start]
    while queue:
        if sum(touched) >= needed:
            return True
        site = queue.pop()
        for s in near(c, site):
            if s not in seen and who[s] == owner:
                seen.add(s)
                queue.append(s)
                touched = [t or s in region for t, region in zip(touched, sets, strict=True)]
    return sum(touched) >= needed


class LineTable(dict[int, Any]):
    """Site -> the lines through it, worked out when a site is first asked about."""

    def __init__(self, topology: Topology, direction: str):
        super().__init__()
        self.topology = topology
        self.direction = direction

    def __missing__(self, site: int) -> Any:
        found = self[site] = self.topology.line_through(site, self.direction)
        return found


def line(
    c: State,
    lines: LineTable,
    pivots: Iterable[int],
    length: int,
    kinds: Collection[int] | None,
    exact: bool,
    contiguous: bool,
    test: Test,
) -> bool:
    """Return whether a line of pieces of the given length (exactly, or at least) goes through a site."""
    what, old, size = c.what, c.to, c.game.board_size
    for pivot in pivots:
        if not 0 <= pivot < size:
            return False
        c.to = pivot
        if test is not None and not test(c):
            c.to = old
            return False
        wanted = kinds if kinds is not None else (what[pivot],)
        if what[pivot] in wanted and _line_at(c, lines[pivot], length, wanted, exact, contiguous, test):
            c.to = old
            return True
    c.to = old
    return False


def _line_at(
    c: State, through: Any, length: int, kinds: Collection[int], exact: bool, contiguous: bool, test: Test
) -> bool:
    def run(ray: tuple[int, ...], count: int) -> int:
        for s in ray:
            if c.what[s] in kinds:
                if test is not None:
                    c.to = s
                    if not test(c):
                        if contiguous:
                            break
                        continue
                count += 1
                if count == length and not exact:
                    return count
            elif contiguous:
                break
        return count

    for ray, opposites in through:
        count = run(ray, 1)
        if not exact and count == length:
            return True
        if opposites:
            for opposite in opposites:
                if run(opposite, count) == length:
                    return True
        elif count == length:
            return True
    return False


def ahead(c: State, tables: Any, site: int, steps: int) -> int:
    """Return the site some steps ahead; the site itself at the edge of the board."""
    if not 0 <= site < c.game.board_size:
        return site
    here = site
    for ray in tables[c.what[site] if len(tables) > c.what[site] else 0][site]:
        if ray:
            here = ray[min(steps, len(ray)) - 1] if steps > 0 else site
            break
    return here


def where(c: State, piece: int) -> int:
    """Return the first site with a piece; -1 without one."""
    for s in range(c.game.board_size):
        if c.what[s] == piece and piece:
            return s
    return -1


def within(c: State, piece: int, sites: Iterable[int]) -> bool:
    """Return whether a piece is on one of some sites."""
    return any(c.what[s] == piece for s in sites if s >= 0)


def related(table: Sequence[Iterable[int]], site: int, ends: Iterable[int]) -> bool:
    """Return whether a site is next to one of some sites."""
    return 0 <= site < len(table) and any(e in table[site] for e in ends)


def _distance(distances: Any, relation: str, c: State, a: int) -> list[int]:
    found = distances.get(a)
    if found is None:
        found = distances[a] = c.game.topology.distance(relation, a)
    return found


def steps_between(distances: Any, relation: str, c: State, a: int, b: int) -> int:
    """Return the number of steps from one site to another."""
    size = c.game.board_size
    if not 0 <= a < size or not 0 <= b < size:
        return -1
    return _distance(distances, relation, c, a)[b]


def steps_to_region(distances: Any, relation: str, c: State, a: int, region: Iterable[int]) -> int:
    """Return the number of steps from a site to the nearest one of a region."""
    found = [steps_between(distances, relation, c, a, b) for b in region]
    return min((d for d in found if d >= 0), default=-1)


def at_distance(distances: Any, relation: str, c: State, a: int, low: int, high: int) -> list[int]:
    """Return the sites whose distance from a site is in a range."""
    if not 0 <= a < c.game.board_size:
        return []
    return [s for s, d in enumerate(_distance(distances, relation, c, a)) if low <= d <= high]


def _names_between(c: State, a: int, b: int, first: bool) -> list[str]:
    topology = c.game.topology
    if not (0 <= a < topology.size and 0 <= b < topology.size):
        return []
    names = [n for n in COMPASS if any(b in ray for ray in topology.rays(n)[a])]
    return names[:1] if first else names


def targets_between(c: State, a: int, b: int, site: int, first: bool = False) -> list[int]:
    """Return the sites one step from a site in the direction from a to b."""
    return [t for n in _names_between(c, a, b, first) for t in c.game.topology.targets(n)[site]]


def rays_between(c: State, a: int, b: int, site: int, first: bool = False) -> list[tuple[int, ...]]:
    """Return the lines that leave a site in the direction from a to b."""
    return [ray for n in _names_between(c, a, b, first) for ray in c.game.topology.rays(n)[site]]


def walk_ends(topology: Topology, walks: tuple[tuple[str, ...], ...]) -> list[tuple[int, ...]]:
    """Return for each site where walks of forward steps and turns end, starting in every orthogonal direction."""
    names = [n for n in COMPASS if n in topology.supported["Orthogonal"]]
    targets = [topology.targets(n) for n in names]
    out: list[tuple[int, ...]] = []
    for site in range(topology.size):
        ends: dict[int, None] = {}
        for walk in walks:
            for start in range(len(names)):
                heading, here = start, site
                for turn in walk:
                    if turn != "F":
                        heading = (heading + (1 if turn == "L" else -1)) % len(names)
                        continue
                    step = targets[heading][here] if here >= 0 else ()
                    here = step[0] if step else -1
                if here >= 0 and here != site:
                    ends[here] = None
        out.append(tuple(ends))
    return out


def find_track(tracks: Sequence[Track], name: str | None, owner: int | None, site: int | None) -> Track | None:
    """Return the first track with a name, of an owner, over a site."""
    for track in tracks:
        if site is not None and site not in track.sites:
            continue
        if owner is not None and track.owner != owner:
            continue
        if name is None or track.name == name or owner is not None and name in track.name:
            return track
    return None


def track_sites(tracks: Sequence[Track], name: str | None, owner: int | None, a: int | None, b: int | None) -> list[int]:
    """Return the sites of a track, or of its part between two sites."""
    track = None
    for candidate in tracks:
        if (name is None or name in candidate.name) and (owner is None or candidate.owner == owner):
            track = candidate
            break
    if track is None:
        return []
    sites = list(dict.fromkeys(track.sites))
    if a is None and b is None:
        return sites
    start = sites.index(a) if a in sites else 0
    out: list[int] = []
    for k in range(len(sites)):
        if start + k >= len(sites) and not track.loop:
            break
        site = sites[(start + k) % len(sites)]
        out.append(site)
        if site == b:
            break
    return out


def track_move(c: State, tracks: Sequence[Track], name: str | None, owner: int | None, site: int, steps: int) -> int:
    """Return the site some steps along a track; -1 beyond its end."""
    track = find_track(tracks, name, owner, None)
    if track is None and name is not None:
        track = next((t for t in tracks if name in t.name and (owner is None or t.owner == owner)), None)
    if track is None or site not in track.sites:
        return -1
    place = track.sites.index(site) + steps
    if track.loop:
        return track.sites[place % len(track.sites)]
    return track.sites[place] if 0 <= place < len(track.sites) else -1


def track_first(c: State, tracks: Sequence[Track], name: str | None, owner: int | None, start: int | None, test: Test) -> int:
    """Return the first site of a track, from a site on, that passes a test of (to)."""
    track = find_track(tracks, name, owner, None)
    if track is None and name is not None:
        track = next((t for t in tracks if name in t.name and (owner is None or t.owner == owner)), None)
    if track is None:
        return -1
    place = 0 if start is None else track.sites.index(start) if start in track.sites else -1
    if place < 0:
        return -1
    old, found = c.to, -1
    for k in range(len(track.sites)):
        if place + k >= len(track.sites) and not track.loop:
            break
        c.to = track.sites[(place + k) % len(track.sites)]
        if test is None or test(c):
            found = c.to
            break
    c.to = old
    return found


def track_end(tracks: Sequence[Track], name: str | None, owner: int | None) -> int:
    """Return the last site of a track."""
    track = find_track(tracks, name, owner, None)
    return track.sites[-1] if track else -1
