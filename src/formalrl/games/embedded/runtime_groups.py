"""What generated programs call: groups, connections, lines and distances."""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from .directions import COMPASS
from .runtime import RAYS, Near, Test, counted, spend
from .state import State
from .topology import Topology


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
    spend(c, c.game.board_size)
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
    c.work += len(group)
    return len({t for s in group for t in near(c, s) if not c.what[t]})


def territory(c: State, near: Near, owner: int) -> int:
    """Return the number of empty sites that only a player's pieces surround."""
    spend(c, c.game.board_size)
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
    spend(c, len(sets))
    owner, who = c.who[start], c.who
    needed = number or len(sets)
    touched = [start in region for region in sets]
    seen, queue = {start}, [start]
    while queue:
        if sum(touched) >= needed:
            return True
        spend(c, len(sets))
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
        c.work += RAYS
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
                    spend(c, 1)
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
    c.work += c.game.board_size
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
    found = [steps_between(distances, relation, c, a, b) for b in counted(c, region)]
    return min((d for d in found if d >= 0), default=-1)


def at_distance(distances: Any, relation: str, c: State, a: int, low: int, high: int) -> list[int]:
    """Return the sites whose distance from a site is in a range."""
    if not 0 <= a < c.game.board_size:
        return []
    c.work += c.game.board_size
    return [s for s, d in enumerate(_distance(distances, relation, c, a)) if low <= d <= high]


def _names_between(c: State, a: int, b: int, first: bool) -> list[str]:
    c.work += RAYS
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
