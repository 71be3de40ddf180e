"""A board: sites with steps and lines in every direction, and what follows from their places."""

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, TypeAlias

from .directions import BEND, CATEGORIES, COMPASS, OPPOSITE_BEND, bend, compass
from .graph import Graph, Point, mean

SiteType: TypeAlias = Literal["Cell", "Vertex"]
Rays: TypeAlias = tuple[tuple[int, ...], ...]


@dataclass(eq=False)
class Topology:
    """The sites of a board of one type, numbered as its graph numbers them."""

    graph: Graph
    site_type: SiteType
    _rays: dict[str, tuple[Rays, ...]] = field(default_factory=dict[str, tuple[Rays, ...]])
    _targets: dict[str, tuple[tuple[int, ...], ...]] = field(default_factory=dict[str, tuple[tuple[int, ...], ...]])

    @cached_property
    def points(self) -> list[Point]:
        """Return the place of every site."""
        return self.graph.centers() if self.site_type == "Cell" else list(self.graph.points)

    @property
    def size(self) -> int:
        """Return the number of sites."""
        return len(self.points)

    @cached_property
    def steps(self) -> list[list[tuple[int, str]]]:
        """Return for each site its steps as (target, relation)."""
        return _cell_steps(self.graph, self.points) if self.site_type == "Cell" else _vertex_steps(self.graph)

    @cached_property
    def by_direction(self) -> list[dict[str, list[int]]]:
        """Return for each site, direction -> targets; directions are compass, relation and circular ones."""
        out: list[dict[str, list[int]]] = []
        for site, steps in enumerate(self.steps):
            table: dict[str, list[int]] = {}
            for target, relation in steps:
                names = [relation, "All", compass(self.points[site], self.points[target])]
                near = relation in ("Orthogonal", "OffDiagonal") or (
                    relation == "Diagonal" and self.site_type == "Cell"
                )
                if near:
                    names.append("Adjacent")
                for name in names:
                    table.setdefault(name, []).append(target)
            out.append(table)
        for site, table in enumerate(
            out
        ):  # diagonals that only touch through an edge, as on hexagons, are not adjacent
            if self.site_type == "Cell" and "Adjacent" in table:
                table["Adjacent"] = [t for t in table["Adjacent"] if t not in self.far[site]]
        if self.graph.pivot and self.site_type == "Vertex":
            self._circular(out)
        return out

    def _circular(self, out: list[dict[str, list[int]]]) -> None:
        graph = self.graph
        centers = set(graph.pivot.values())
        for site, steps in enumerate(self.steps):
            if site in centers:
                targets = [t for t, _ in steps]
                out[site]["Out"] = list(targets)
                out[site]["Rotational"] = list(targets)
                continue
            pivot = graph.pivot.get(site)
            if pivot is None:
                continue
            ax, ay = self.points[site]
            px, py = self.points[pivot]
            for target, relation in steps:
                if relation == "Diagonal":
                    continue
                bx, by = self.points[target]
                length = math.dist((ax, ay), (bx, by)) * math.dist((ax, ay), (px, py))
                dot = ((bx - ax) * (px - ax) + (by - ay) * (py - ay)) / length if length else 0.0
                if dot > 0.9:
                    name = "In"
                elif dot < -0.9:
                    name = "Out"
                elif (site, target) in graph.curved or (target, site) in graph.curved:
                    side = (px - ax) * (by - ay) - (py - ay) * (bx - ax)
                    name = "CW" if side < 0 else "CCW"
                else:
                    continue
                out[site].setdefault(name, []).append(target)
                out[site].setdefault("Rotational", []).append(target)

    @cached_property
    def far(self) -> list[set[int]]:
        """Return for each cell the diagonal cells that it does not touch (across an edge of a hexagon tiling)."""
        if self.site_type != "Cell":
            return [set() for _ in self.points]
        touching: list[set[int]] = [set() for _ in self.points]
        for cells in _cells_of_vertices(self.graph):
            for cell in cells:
                touching[cell].update(cells)
        return [{t for t, _ in steps if t not in touching[s]} for s, steps in enumerate(self.steps)]

    @cached_property
    def supported(self) -> dict[str, frozenset[str]]:
        """Return for each relation the compass directions in which some site has such a step."""
        out: dict[str, set[str]] = {c: set() for c in CATEGORIES}
        for site, table in enumerate(self.by_direction):
            for category in CATEGORIES:
                for target in table.get(category, ()):
                    out[category].add(compass(self.points[site], self.points[target]))
        return {c: frozenset(names) for c, names in out.items()}

    def targets(self, direction: str) -> tuple[tuple[int, ...], ...]:
        """Return for each site the sites one step away in a direction."""
        found = self._targets.get(direction)
        if found is None:
            found = self._targets[direction] = tuple(tuple(t.get(direction, ())) for t in self.by_direction)
        return found

    def rays(self, direction: str) -> tuple[Rays, ...]:
        """Return for each site the straight lines of steps that leave it in a direction, without the site itself."""
        found = self._rays.get(direction)
        if found is None:
            found = self._rays[direction] = tuple(self._from(site, direction) for site in range(self.size))
        return found

    def _from(self, site: int, direction: str) -> Rays:
        seen: dict[tuple[int, ...], None] = {}
        for first in self.by_direction[site].get(direction, ()):
            seen.setdefault(self._follow(site, first, direction))
        if direction == "Rotational":
            for name in ("In", "Out", "CW", "CCW"):
                seen.update(dict.fromkeys(self.rays(name)[site]))
            return tuple(r for r in seen if not any(r is not o and o[: len(r)] == r and len(o) > len(r) for o in seen))
        return tuple(seen)

    def _follow(self, site: int, first: int, direction: str) -> tuple[int, ...]:
        line, visited, previous, at = [first], {site, first}, site, first
        circular = direction in ("CW", "CCW", "In", "Out")
        points = self.points
        while True:
            best, least = -1, math.inf if circular else BEND
            for candidate in self.by_direction[at].get(direction, ()):
                if circular:
                    best = candidate
                    break
                turn = bend(points[previous], points[at], points[candidate])
                if turn < least:
                    best, least = candidate, turn
            if best < 0 or best in visited:
                return tuple(line)
            line.append(best)
            visited.add(best)
            previous, at = at, best

    def line_through(
        self, site: int, direction: str
    ) -> tuple[tuple[tuple[int, ...], tuple[tuple[int, ...], ...]], ...]:
        """Return the lines through a site as (ray, opposite rays), each line once."""
        here = self.points[site]
        own = self.rays(direction)[site]
        specific = direction in COMPASS
        others = [r for name in COMPASS for r in self.rays(name)[site]] if specific else list(own)
        out: list[tuple[tuple[int, ...], tuple[tuple[int, ...], ...]]] = []
        for ray in own:
            if any(ray in opposite for _, opposite in out):
                continue
            if direction in ("CW", "CCW", "In", "Out"):
                partner = {"CW": "CCW", "CCW": "CW", "In": "Out", "Out": "In"}[direction]
                opposite = list(self.rays(partner)[site])
            else:
                start = self.points[ray[0]]
                opposite = [o for o in others if bend(start, here, self.points[o[0]]) < OPPOSITE_BEND]
            opposite = [
                o for o in opposite if not any(o is not p and p[: len(o)] == o and len(p) > len(o) for p in opposite)
            ]
            out.append((ray, tuple(opposite[:1] if specific else opposite)))
        return tuple(out)

    def distance(self, relation: str, source: int) -> list[int]:
        """Return the number of steps from a site to every other; -1 where there is no way."""
        out = [-1] * self.size
        out[source] = 0
        frontier, targets, k = [source], self.targets(relation), 0
        while frontier:
            k += 1
            following: list[int] = []
            for site in frontier:
                for target in targets[site]:
                    if out[target] < 0:
                        out[target] = k
                        following.append(target)
            frontier = following
        return out


def _line_distance(p: Point, a: Point, b: Point) -> float:
    length = math.dist(a, b)
    if length < 1e-9:
        return math.dist(p, a)
    return abs((b[0] - a[0]) * (a[1] - p[1]) - (a[0] - p[0]) * (b[1] - a[1])) / length


def _cells_of_vertices(graph: Graph) -> list[list[int]]:
    out: list[list[int]] = [[] for _ in graph.points]
    for number, face in enumerate(graph.faces or []):
        for v in face:
            out[v].append(number)
    return out


def _vertex_steps(graph: Graph) -> list[list[tuple[int, str]]]:
    out: list[list[tuple[int, str]]] = [[] for _ in graph.points]
    for a, b in graph.edges:
        out[a].append((b, "Orthogonal"))
        out[b].append((a, "Orthogonal"))
    for face in graph.faces or []:
        if len(face) < 4:
            continue
        center = mean(graph.points[v] for v in face)
        for v in face:
            others = [w for w in face if w != v]
            best = min(others, key=lambda w: round(_line_distance(center, graph.points[v], graph.points[w]), 9))
            out[v].append((best, "Diagonal"))
    return out


def _cell_steps(graph: Graph, centers: list[Point]) -> list[list[tuple[int, str]]]:
    faces = graph.faces or []
    edge_cells: dict[frozenset[int], list[int]] = {}
    for number, face in enumerate(faces):
        for k, v in enumerate(face):
            edge_cells.setdefault(frozenset((v, face[(k + 1) % len(face)])), []).append(number)
    at_vertex = _cells_of_vertices(graph)
    degree: list[list[int]] = [[] for _ in graph.points]
    for a, b in graph.edges:
        degree[a].append(b)
        degree[b].append(a)
    out: list[list[tuple[int, str]]] = []
    for number, face in enumerate(faces):
        steps: list[tuple[int, str]] = []
        used = {number}
        for k, v in enumerate(face):
            for other in edge_cells[frozenset((v, face[(k + 1) % len(face)]))]:
                if other not in used:
                    used.add(other)
                    steps.append((other, "Orthogonal"))
        for v in face:
            options = [c for c in at_vertex[v] if c not in used]
            if options:
                best = min(options, key=lambda c: _line_distance(graph.points[v], centers[number], centers[c]))
                used.add(best)
                steps.append((best, "Diagonal"))
        for v in face:
            for other in at_vertex[v]:
                if other not in used:
                    used.add(other)
                    steps.append((other, "OffDiagonal"))
        for v in face:
            steps += _across(graph, centers, number, v, degree, at_vertex, used)
        out.append(steps)
    return out


def _across(
    graph: Graph,
    centers: list[Point],
    number: int,
    vertex: int,
    degree: list[list[int]],
    at_vertex: list[list[int]],
    used: set[int],
) -> list[tuple[int, str]]:
    """Return the cells beyond the edge that leaves a cell at a corner where three edges meet."""
    if len(degree[vertex]) != 3:
        return []
    face = set((graph.faces or [])[number])
    away = [w for w in degree[vertex] if w not in face]
    out: list[tuple[int, str]] = []
    for other in at_vertex[away[0]] if away else ():
        if other in used:
            continue
        a, b = centers[number], centers[other]
        error = _line_distance(graph.points[vertex], a, b) + _line_distance(graph.points[away[0]], a, b)
        if error / math.dist(a, b) <= 0.1:
            used.add(other)
            out.append((other, "Diagonal"))
    return out
