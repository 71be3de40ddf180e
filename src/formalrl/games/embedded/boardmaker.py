"""Graph expressions: shapes, and the operators that shift, merge, cut and join them."""

import math
from collections.abc import Callable
from itertools import combinations

from ..engine import Limits
from . import shapes
from .boards import listed, need, number, refuse, word
from .checker import Term
from .graph import BoardFault, Graph, make_faces, reorder
from .graphedit import indices, pair, point_lists, remove_edge, remove_faces, split_edges, without_vertices


class BoardMaker:
    """Evaluates graph expressions for one type of site."""

    def __init__(self, cells: bool, limits: Limits):
        self.cells = cells
        self.limits = limits

    def make(self, term: Term) -> Graph:
        """Return the graph of an expression.

        Raises:
            Refusal: when it is too large or makes no sense.
        """
        maker = _MAKERS.get(term.key)
        if maker is None:
            raise refuse(term, f"({term.key} ...) is not played by this engine", "unsupported")
        try:
            graph = maker(self, term)
        except BoardFault as fault:
            raise refuse(term, str(fault), "unsupported") from None
        if len(graph.points) > 2 * self.limits.max_sites + 100:
            raise refuse(term, f"a board of more than {self.limits.max_sites} sites", "limit")
        return graph

    def size(self, term: Term, label: str, least: int = 1, most: int | None = None) -> int:
        """Return a dimension within the limits."""
        part = need(term, label)
        value = number(part)
        most = most if most is not None else max(2, math.isqrt(self.limits.max_sites) * 4)
        if not least <= value <= most:
            kind = "limit" if value > most else "semantic"
            raise refuse(part, f"{value:g} is out of range: {least} to {most}", kind)
        return int(value)

    def area(self, term: Term, sites: int) -> None:
        """Refuse a board before it is built when it has too many sites."""
        if sites > self.limits.max_sites:
            raise refuse(term, f"a board of {sites} sites, but at most {self.limits.max_sites} are played", "limit")

    def square(self, term: Term) -> Graph:
        shape = word(term, "Shape", "Square")
        n = self.size(term, "int")
        self.area(term, n * n)
        if shape not in ("Square", "Rectangle"):
            raise BoardFault(f"(square {shape} ...) is not played by this engine")
        return shapes.rectangle(n, n, self.cells, word(term, "diagonals"))

    def rectangle(self, term: Term) -> Graph:
        rows = self.size(term, "rows", most=self.limits.max_sites)
        columns = self.size(term, "columns", most=self.limits.max_sites) if "columns" in term.args else rows
        self.area(term, rows * columns)
        return shapes.rectangle(rows, columns, self.cells, word(term, "diagonals"))

    def hex(self, term: Term) -> Graph:
        if isinstance(term.args["int"], tuple):
            sides = tuple(int(number(t)) for t in listed(term, "int"))
            if not sides or any(not 0 < abs(s) <= 25 for s in sides):
                raise BoardFault("sides of a hexagonal board are 1 to 25 long")
            return shapes.hex_from_sides(sides)
        n = self.size(term, "int", most=25)
        second = self.size(term, "second", most=25) if "second" in term.args else None
        self.area(term, n * (second or n))
        return shapes.hexagonal(word(term, "Shape", "Hexagon"), n, second)

    def tri(self, term: Term) -> Graph:
        n = self.size(term, "int", most=25)
        second = self.size(term, "second", most=25) if "second" in term.args else None
        return shapes.triangular(word(term, "Shape", "Triangle"), n, second, self.cells)

    def wedge(self, term: Term) -> Graph:
        columns = self.size(term, "columns", 2, 25) if "columns" in term.args else 3
        return shapes.wedge(self.size(term, "rows", 2, 25), columns)

    def concentric(self, term: Term) -> Graph:
        if "Ring" in term.args or "sides" in term.args:
            kinds = {"Square": 4, "Triangle": 3, "Hexagon": 6}
            sides = kinds[word(term, "Ring")] if "Ring" in term.args else self.size(term, "sides", 3, 32)
            flags = [word(term, k, d) == "True" for k, d in _RING_FLAGS]
            graph = shapes.rings(sides, self.size(term, "rings", 1, 20), *flags)
            if self.cells:
                make_faces(graph)
            return graph
        if self.cells:
            raise BoardFault("cells of circular boards are not played by this engine; add use:Vertex")
        counts = tuple(int(number(t)) for t in listed(term, "int"))
        if not counts or any(abs(c) > 64 for c in counts) or sum(abs(c) for c in counts) < 2:
            raise BoardFault("rings of a circular board have 0 to 64 sites")
        if len(counts) == 1 and counts[0] < 3:
            raise BoardFault("a polygon has three sides or more")
        return shapes.wheel(counts)

    def regular(self, term: Term) -> Graph:
        graph = shapes.polygon(self.size(term, "int", 3, 64))
        make_faces(graph)
        return graph

    def graph(self, term: Term) -> Graph:
        points = [pair(item) for item in point_lists(term, "vertices")]
        graph = Graph(points)
        for item in point_lists(term, "edges"):
            a, b = indices(item, 2)
            if not (0 <= a < len(points) and 0 <= b < len(points)):
                raise BoardFault(f"an edge joins vertices {a} and {b} of {len(points)}")
            graph.edge(a, b)
        make_faces(graph)
        return graph

    def inner(self, term: Term) -> Graph:
        """Return the graph that an operator works on."""
        return self.make(need(term, "graph"))

    def shift(self, term: Term) -> Graph:
        dx, dy = number(need(term, "dx")), number(need(term, "dy"))
        graph = self.inner(term)
        return graph.mapped([(x + dx, y + dy) for x, y in graph.points])

    def scale(self, term: Term) -> Graph:
        sx = number(need(term, "sx"))
        sy = number(need(term, "sy")) if "sy" in term.args else sx
        graph = self.inner(term)
        return graph.mapped([(x * sx, y * sy) for x, y in graph.points])

    def rotate(self, term: Term) -> Graph:
        theta = math.radians(number(need(term, "real")))
        graph = self.inner(term)
        if not graph.points:
            return graph
        xs, ys = [p[0] for p in graph.points], [p[1] for p in graph.points]
        cx, cy = (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
        cos, sin = math.cos(theta), math.sin(theta)
        turned = [(cx + (x - cx) * cos - (y - cy) * sin, cy + (y - cy) * cos + (x - cx) * sin) for x, y in graph.points]
        return graph.mapped(turned)

    def skew(self, term: Term) -> Graph:
        amount = number(need(term, "real"))
        graph = self.inner(term)
        low = min((y for _, y in graph.points), default=0.0)
        return graph.mapped([(x + (y - low) * amount, y) for x, y in graph.points])

    def parts(self, term: Term) -> list[Graph]:
        """Return the graphs that are put together."""
        terms = listed(term, "graph") or [need(term, "first"), need(term, "second")]
        return [self.make(t) for t in terms]

    def merge(self, term: Term) -> Graph:
        out = Graph()
        for part in self.parts(term):
            self.area(term, len(out.points) + len(part.points))
            new = [out.vertex(x, y) for x, y in part.points]
            for a, b in part.edges:
                out.edge(new[a], new[b])
            out.curved |= {(new[a], new[b]) for a, b in part.curved}
            for v, p in part.pivot.items():
                out.pivot.setdefault(new[v], new[p])
        make_faces(out)
        return out

    def union(self, term: Term) -> Graph:
        out = Graph(faces=[])
        for part in self.parts(term):
            base = len(out.points)
            out.points += part.points
            out.edges += [(a + base, b + base) for a, b in part.edges]
            assert out.faces is not None
            out.faces += [tuple(v + base for v in face) for face in part.faces or []]
        return out

    def intersect(self, term: Term) -> Graph:
        first, *others = self.parts(term)
        keep = [all(o.find(x, y) is not None for o in others) for x, y in first.points]
        new = {v: k for k, v in enumerate(v for v, kept in enumerate(keep) if kept)}
        out = Graph([p for p, kept in zip(first.points, keep, strict=True) if kept])
        out.edges = [(new[a], new[b]) for a, b in first.edges if a in new and b in new]
        make_faces(out)
        return out

    def add(self, term: Term) -> Graph:
        graph = self.inner(term)
        out = graph.mapped(list(graph.points))
        for item in point_lists(term, "vertices"):
            x, y = pair(item)
            out.vertex(x, y)
        for item in point_lists(term, "edges"):
            if item.items[0].kind == "list":
                ends = [pair(i) for i in item.items[:2]]
                if len(ends) < 2 or len(item.items) > 2:
                    raise BoardFault("an edge has two ends")
                a, b = (out.vertex(x, y) for x, y in ends)
            else:
                a, b = indices(item, 2)
                if not (0 <= a < len(out.points) and 0 <= b < len(out.points)):
                    raise BoardFault(f"an edge joins vertices {a} and {b} of {len(out.points)}")
            out.edge(a, b)
        return out

    def remove(self, term: Term) -> Graph:
        graph = self.inner(term)
        out = graph.mapped(list(graph.points))
        cells = {int(number(t)) for t in listed(term, "cells")}
        if cells:
            if out.faces is None:
                make_faces(out)
            remove_faces(out, cells, word(term, "trimEdges", "True") == "True")
        for item in point_lists(term, "edges"):
            if item.items[0].kind == "list":
                found = [out.find(*pair(i)) for i in item.items]
                ends = [v for v in found if v is not None]
            else:
                ends = indices(item, 2)
            if len(ends) == 2:
                remove_edge(out, ends[0], ends[1])
        gone = {int(number(t)) for t in listed(term, "vertices")}
        return without_vertices(out, gone)

    def dual(self, term: Term) -> Graph:
        source = self.inner(term)
        if source.faces is None:
            make_faces(source)
        out = Graph(source.centers())
        sharing: dict[frozenset[int], list[int]] = {}
        for k, face in enumerate(source.faces or []):
            for i, v in enumerate(face):
                sharing.setdefault(frozenset((v, face[(i + 1) % len(face)])), []).append(k)
        for cells in sharing.values():
            if len(cells) == 2:
                out.edge(cells[0], cells[1])
        make_faces(out)
        return reorder(out)

    def faced(self, term: Term) -> Graph:
        graph = self.inner(term)
        make_faces(graph)
        return graph

    def split(self, term: Term) -> Graph:
        graph = self.inner(term)
        split_edges(graph)
        make_faces(graph)
        return graph

    def complete(self, term: Term) -> Graph:
        graph = self.inner(term)
        if len(graph.points) > 40:
            raise BoardFault("a complete graph of more than 40 vertices is not played")
        for a, b in combinations(range(len(graph.points)), 2):
            graph.edge(a, b)
        return graph

    def renumber(self, term: Term) -> Graph:
        return reorder(self.inner(term))

    def trim(self, term: Term) -> Graph:
        graph = self.inner(term)
        degree = [0] * len(graph.points)
        for a, b in graph.edges:
            degree[a] += 1
            degree[b] += 1
        graph.edges = [(a, b) for a, b in graph.edges if degree[a] > 1 and degree[b] > 1]
        used = {v for edge in graph.edges for v in edge}
        return without_vertices(graph, set(range(len(graph.points))) - used)


_RING_FLAGS = (("midpoints", "True"), ("joinMidpoints", "True"), ("joinCorners", "False"))

_MAKERS: dict[str, Callable[[BoardMaker, Term], Graph]] = {
    name: getattr(BoardMaker, {"makeFaces": "faced", "splitCrossings": "split"}.get(name, name))
    for name in """square rectangle hex tri wedge concentric regular graph shift scale rotate skew merge union
    intersect add remove dual makeFaces splitCrossings complete renumber trim""".split()  # noqa: SIM905
}
