"""Plane graphs that boards are drawn from: vertices with places, edges, and the faces between them."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

Point: TypeAlias = tuple[float, float]
TOLERANCE = 0.01


class BoardFault(Exception):
    """The board cannot be built; the message says why."""


@dataclass(slots=True)
class Graph:
    """Vertices in order, edges as pairs of vertex numbers, faces as clockwise vertex numbers."""

    points: list[Point] = field(default_factory=list[Point])
    edges: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    faces: list[tuple[int, ...]] | None = None
    """None until they are made; a list once an operator has fixed them."""
    curved: set[tuple[int, int]] = field(default_factory=set[tuple[int, int]])
    """Edges around the rings of a circular board."""
    pivot: dict[int, int] = field(default_factory=dict[int, int])
    """Vertex -> the vertex it turns around, on circular boards."""

    def vertex(self, x: float, y: float) -> int:
        """Return the vertex at a place, adding it when there is none."""
        found = self.find(x, y)
        if found is None:
            self.points.append((x, y))
            return len(self.points) - 1
        return found

    def find(self, x: float, y: float) -> int | None:
        """Return the vertex at a place, if any."""
        for i, (a, b) in enumerate(self.points):
            if abs(a - x) + abs(b - y) < TOLERANCE:
                return i
        return None

    def edge(self, a: int, b: int) -> None:
        """Join two vertices once."""
        if a != b and (a, b) not in self.edges and (b, a) not in self.edges:
            self.edges.append((a, b))

    def centers(self) -> list[Point]:
        """Return the mean of each face's vertices."""
        return [mean(self.points[v] for v in face) for face in self.faces or []]

    def mapped(self, points: list[Point]) -> "Graph":
        """Return the same graph at other places."""
        return Graph(points, list(self.edges), self.faces, set(self.curved), dict(self.pivot))


def mean(points: Iterable[Point]) -> Point:
    """Return the center of points."""
    listed = list(points)
    return sum(x for x, _ in listed) / len(listed), sum(y for _, y in listed) / len(listed)


def neighbors(graph: Graph) -> list[list[int]]:
    """Return for each vertex its neighbors, by angle counter-clockwise from west."""
    out: list[list[int]] = [[] for _ in graph.points]
    for a, b in graph.edges:
        out[a].append(b)
        out[b].append(a)
    for v, near in enumerate(out):
        x, y = graph.points[v]
        near.sort(key=lambda w: math.atan2(graph.points[w][1] - y, graph.points[w][0] - x))
    return out


def clockwise(points: list[Point]) -> bool:
    """Return whether a polygon runs clockwise."""
    total = 0.0
    for (ax, ay), (bx, by) in zip(points, points[1:] + points[:1], strict=True):
        total += (bx - ax) * (by + ay)
    return total > 0


def make_faces(graph: Graph, max_sides: int = 32) -> None:
    """Find the faces by walking around each of them, taking the next edge at every vertex."""
    around = neighbors(graph)
    place = [{w: k for k, w in enumerate(near)} for near in around]
    seen: set[frozenset[int]] = set()
    faces: list[tuple[int, ...]] = []
    for start, near in enumerate(around):
        for first in near:
            walk, previous, at = [start], start, first
            # The walk leaves `start` on the edge after the one it is asked about.
            previous, at = start, around[start][(place[start][first] + 1) % len(near)]
            while at != start and len(walk) <= max_sides and at not in walk:
                walk.append(at)
                turns = around[at]
                previous, at = at, turns[(place[at][previous] + 1) % len(turns)]
            if at != start or len(walk) < 3:
                continue
            if clockwise([graph.points[v] for v in walk]) and frozenset(walk) not in seen:
                seen.add(frozenset(walk))
                faces.append(tuple(walk))
    graph.faces = faces


def _score(point: Point) -> float:
    return point[1] * 100 + point[0]


def reorder(graph: Graph) -> Graph:
    """Return the graph with vertices and faces numbered from the bottom row up, left to right."""
    order = sorted(range(len(graph.points)), key=lambda v: _score(graph.points[v]))
    new = {v: k for k, v in enumerate(order)}
    out = Graph([graph.points[v] for v in order], [(new[a], new[b]) for a, b in graph.edges])
    out.edges.sort(key=lambda e: _score(mean((out.points[e[0]], out.points[e[1]]))))
    out.curved = {(new[a], new[b]) for a, b in graph.curved}
    out.pivot = {new[v]: new[p] for v, p in graph.pivot.items()}
    if graph.faces is not None:
        faces = [tuple(new[v] for v in face) for face in graph.faces]
        out.faces = sorted(faces, key=lambda f: _score(mean(out.points[v] for v in f)))
    return out


def average_edge(graph: Graph) -> float:
    """Return the mean length of an edge; 1 without edges."""
    if not graph.edges:
        return 1.0
    return sum(math.dist(graph.points[a], graph.points[b]) for a, b in graph.edges) / len(graph.edges)


def segments_cross(a: Point, b: Point, c: Point, d: Point) -> Point | None:
    """Return where two segments cross inside both of them, if they do."""
    rx, ry, sx, sy = b[0] - a[0], b[1] - a[1], d[0] - c[0], d[1] - c[1]
    denominator = rx * sy - ry * sx
    if abs(denominator) < 1e-9:
        return None
    t = ((c[0] - a[0]) * sy - (c[1] - a[1]) * sx) / denominator
    u = ((c[0] - a[0]) * ry - (c[1] - a[1]) * rx) / denominator
    if 1e-6 < t < 1 - 1e-6 and 1e-6 < u < 1 - 1e-6:
        return a[0] + t * rx, a[1] + t * ry
    return None
