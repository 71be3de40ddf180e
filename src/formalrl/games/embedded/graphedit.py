"""Graphs without some of their vertices, cells or edges."""

import math
from itertools import combinations, pairwise

from .boards import listed
from .checker import Term
from .graph import BoardFault, Graph, Point, segments_cross
from .reader import Node


def without_vertices(graph: Graph, gone: set[int]) -> Graph:
    """Return a graph without some vertices, their edges and faces."""
    if any(not 0 <= v < len(graph.points) for v in gone):
        raise BoardFault(f"there is no vertex {max(gone)} to remove")
    if not gone:
        return graph
    new = {v: k for k, v in enumerate(v for v in range(len(graph.points)) if v not in gone)}
    out = Graph([p for v, p in enumerate(graph.points) if v in new])
    out.edges = [(new[a], new[b]) for a, b in graph.edges if a in new and b in new]
    out.curved = {(new[a], new[b]) for a, b in graph.curved if a in new and b in new}
    out.pivot = {new[v]: new[p] for v, p in graph.pivot.items() if v in new and p in new}
    if graph.faces is not None:
        out.faces = [tuple(new[v] for v in face) for face in graph.faces if all(v in new for v in face)]
    return out


def remove_faces(graph: Graph, cells: set[int], trim: bool) -> None:
    """Take cells out of a graph; with trim also the edges that bound no other cell."""
    faces = graph.faces or []
    if any(not 0 <= c < len(faces) for c in cells):
        raise BoardFault(f"there is no cell {max(cells)} to remove")

    def sides(face: tuple[int, ...]) -> list[frozenset[int]]:
        return [frozenset((v, face[(i + 1) % len(face)])) for i, v in enumerate(face)]

    kept = [f for k, f in enumerate(faces) if k not in cells]
    needed = {side for face in kept for side in sides(face)}
    dropped = {side for c in cells for side in sides(faces[c])} - needed
    graph.faces = kept
    if trim:
        graph.edges = [e for e in graph.edges if frozenset(e) not in dropped]


def remove_edge(graph: Graph, a: int, b: int) -> None:
    """Take an edge and the cells that it bounds out of a graph."""
    graph.edges = [e for e in graph.edges if set(e) != {a, b}]

    def has(face: tuple[int, ...]) -> bool:
        return any({v, face[(i + 1) % len(face)]} == {a, b} for i, v in enumerate(face))

    if graph.faces is not None:
        graph.faces = [f for f in graph.faces if not has(f)]


def split_edges(graph: Graph) -> None:
    """Put a vertex, after those that are there, where two edges cross, and divide edges at vertices on them."""
    for _ in range(4 * len(graph.edges) + 4):
        crossing = first_crossing(graph)
        if crossing is None:
            break
        e, f, (x, y) = crossing
        v = graph.vertex(x, y)
        graph.edges = [g for g in graph.edges if g not in (e, f)]
        for end in (*e, *f):
            graph.edge(end, v)
    whole, graph.edges = graph.edges, []
    for edge in whole:
        for a, b in pairwise(_along(graph, *edge)):
            graph.edge(a, b)


def _along(graph: Graph, a: int, b: int) -> list[int]:
    """Return the vertices on an edge from one end to the other."""
    (ax, ay), (bx, by) = graph.points[a], graph.points[b]
    dx, dy = bx - ax, by - ay
    length = math.hypot(dx, dy)
    place = {a: 0.0, b: length}
    for v, (x, y) in enumerate(graph.points):
        if v not in place and abs(dx * (y - ay) - dy * (x - ax)) < 0.001 * length:
            place[v] = (dx * (x - ax) + dy * (y - ay)) / length
    return sorted((v for v in place if 0 <= place[v] <= length), key=lambda v: place[v])


def first_crossing(graph: Graph) -> tuple[tuple[int, int], tuple[int, int], Point] | None:
    """Return two edges that cross, and where."""
    p = graph.points
    for e, f in combinations(graph.edges, 2):
        if not set(e) & set(f):
            place = segments_cross(p[e[0]], p[e[1]], p[f[0]], p[f[1]])
            if place is not None:
                return e, f, place
    return None


def point_lists(term: Term, label: str) -> list[Node]:
    """Return the lists of numbers of an argument."""
    return [t.node for t in listed(term, label)]


def pair(node: Node) -> Point:
    """Return a point of two numbers."""
    if len(node.items) != 2 or any(i.kind != "number" for i in node.items):
        raise BoardFault("a point is two numbers {x y}")
    return node.items[0].value, node.items[1].value


def indices(node: Node, count: int) -> list[int]:
    """Return a number of vertex numbers."""
    if len(node.items) != count or any(i.kind != "number" or i.value != int(i.value) for i in node.items):
        raise BoardFault(f"expected {count} vertex numbers")
    return [int(i.value) for i in node.items]
