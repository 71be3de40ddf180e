"""The basic boards: square, rectangle, hexagonal and triangular tilings, wedges, rings and wheels."""

import math
from collections.abc import Iterable

from .graph import BoardFault, Graph, Point, make_faces, reorder

SQRT3 = math.sqrt(3)
HEX_CORNERS: tuple[Point, ...] = (
    (0.0, 1.0),
    (SQRT3 / 2, 0.5),
    (SQRT3 / 2, -0.5),
    (0.0, -1.0),
    (-SQRT3 / 2, -0.5),
    (-SQRT3 / 2, 0.5),
)


def rectangle(rows: int, columns: int, cells: bool, diagonals: str = "") -> Graph:
    """Return a grid; on cells it has one vertex more each way."""
    rows, columns = rows + cells, columns + cells
    graph = Graph([(float(c), float(r)) for r in range(rows) for c in range(columns)])
    for r in range(rows):
        for c in range(columns):
            if c + 1 < columns:
                graph.edges.append((r * columns + c, r * columns + c + 1))
            if r + 1 < rows:
                graph.edges.append((r * columns + c, (r + 1) * columns + c))
    if diagonals:
        _diagonals(graph, rows, columns, diagonals)
    make_faces(graph)
    return reorder(graph)


def _diagonals(graph: Graph, rows: int, columns: int, kind: str) -> None:
    for r in range(rows - 1):
        for c in range(columns - 1):
            a, b = r * columns + c, (r + 1) * columns + c
            d, e = b + 1, a + 1  # a below b, e below d
            if kind == "Solid":
                x = graph.vertex(c + 0.5, r + 0.5)
                graph.edges += [(a, x), (b, x), (d, x), (e, x)]
            elif kind == "SolidNoSplit":
                graph.edges += [(a, d), (b, e)]
            elif kind == "Alternating":
                graph.edges.append((a, d) if (r + c) % 2 == 0 else (b, e))
            elif kind == "Concentric":
                low = (r < rows // 2) == (c < columns // 2)
                graph.edges.append((b, e) if low else (a, d))
            else:
                middle_r, middle_c = rows // 2, columns // 2
                if abs(r - middle_r + 0.5) == abs(c - middle_c + 0.5):
                    rising = (r >= middle_r) == (c >= middle_c)
                    graph.edges.append((a, d) if rising else (b, e))


def from_points(points: Iterable[Point], unit: float = 1.0) -> Graph:
    """Return the graph that joins points a unit apart, with faces, in reading order."""
    graph = Graph(list(points))
    grid: dict[tuple[int, int], list[int]] = {}
    for i, (x, y) in enumerate(graph.points):
        grid.setdefault((math.floor(x), math.floor(y)), []).append(i)
    for i, (x, y) in enumerate(graph.points):
        cx, cy = math.floor(x), math.floor(y)
        near = [j for dx in (-1, 0, 1) for dy in (-1, 0, 1) for j in grid.get((cx + dx, cy + dy), ()) if j > i]
        far = [j for dx in (-2, 2) for dy in range(-2, 3) for j in grid.get((cx + dx, cy + dy), ()) if j > i]
        for j in near + far:
            if abs(math.dist((x, y), graph.points[j]) - unit) < 0.05:
                graph.edges.append((i, j))
    make_faces(graph)
    return reorder(graph)


def _hex_center(row: int, column: int) -> Point:
    return SQRT3 * (column - 0.5 * row), 1.5 * row


def _tri_point(row: int, column: int) -> Point:
    return column - 0.5 * row, row * SQRT3 / 2


def _hexes(centers: Iterable[Point], turned: bool = False) -> Graph:
    seen: dict[tuple[int, int], Point] = {}
    for x, y in centers:
        for dx, dy in HEX_CORNERS:
            px, py = (x + dy, y + dx) if turned else (x + dx, y + dy)
            seen.setdefault((round(px * 97 + 0.1234), round(py * 97 + 0.1234)), (px, py))
    return from_points(seen.values())


def hexagonal(shape: str, size: int, second: int | None) -> Graph:
    """Return a hexagonal tiling of a shape."""
    if shape == "Hexagon" and second is None:
        span = range(2 * size - 1)
        return _hexes(_hex_center(r, c) for r in span for c in span if abs(r - c) < size)
    if shape in ("Hexagon", "Limping"):
        return hex_from_sides((size, second if second is not None else size + 1))
    if shape == "Triangle":
        return _hexes(_hex_center(r, c) for r in range(size) for c in range(r, size))
    if shape in ("Rectangle", "Square"):
        columns = second if shape == "Rectangle" and second is not None else size
        places = ((r, c) for r in range(size) for c in range((r + 1) // 2, columns + r // 2))
        return _hexes(_hex_center(r, c) for r, c in places)
    if shape in ("Diamond", "Prism"):
        other = second if second is not None else size
        span = (size, size) if shape == "Diamond" else (size + other - 1, size + other - 1)
        places = ((r, c) for r in range(span[0]) for c in range(span[1]))
        if shape == "Prism":
            places = ((r, c) for r, c in places if abs(r - c) < size)
        return _hexes(((1.5 * (c - r), SQRT3 * (r + c) * 0.5) for r, c in places), turned=True)
    raise BoardFault(f"there is no {shape} board of hexagons")


def hex_from_sides(sides: tuple[int, ...]) -> Graph:
    """Return the hexagonal board whose side lengths, clockwise, are given (repeated as needed)."""
    turns = ((1, 0), (1, 1), (0, 1), (-1, 0), (-1, -1), (0, -1))
    row = column = 0
    step = 1
    corners: list[tuple[int, int]] = [(0, 0)]
    for n in range(max(5, len(sides))):
        length = sides[n % len(sides)]
        length = length + 1 if length < 0 else length - 1
        step = (step + (-1 if length < 0 else 1)) % 6
        if length > 0:
            row += length * turns[step][0]
            column += length * turns[step][1]
            corners.append((row, column))
    polygon = [_hex_center(r, c) for r, c in corners]
    rows, columns = [r for r, _ in corners], [c for _, c in corners]
    places = ((r, c) for r in range(min(rows), max(rows) + 1) for c in range(min(columns), max(columns) + 1))
    return _hexes(p for p in (_hex_center(r, c) for r, c in places) if _inside(p, polygon))


def _inside(point: Point, polygon: list[Point]) -> bool:
    """Return whether a point is in a polygon or on its border."""
    x, y = point
    inside = False
    for (ax, ay), (bx, by) in zip(polygon, polygon[1:] + polygon[:1], strict=True):
        cross = (bx - ax) * (y - ay) - (by - ay) * (x - ax)
        if (
            abs(cross) < 1e-6
            and min(ax, bx) - 1e-6 <= x <= max(ax, bx) + 1e-6
            and min(ay, by) - 1e-6 <= y <= max(ay, by) + 1e-6
        ):
            return True
        if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
            inside = not inside
    return inside


def triangular(shape: str, size: int, second: int | None, cells: bool) -> Graph:
    """Return a triangular tiling of a shape."""
    n = size + cells
    if shape == "Triangle":
        return from_points(_tri_point(r, c) for r in range(n) for c in range(r, n))
    if shape == "Hexagon":
        span = range(2 * n - 1)
        return from_points(_tri_point(r, c) for r in span for c in span if abs(r - c) < n)
    if shape in ("Diamond", "Prism"):
        return from_points(_tri_point(r, c) for r in range(n) for c in range(n))
    if shape in ("Square", "Rectangle"):
        columns = (second if second is not None else size) + cells
        places = ((r, c) for r in range(n) for c in range((r + 1) // 2, columns + r // 2))
        return from_points(_tri_point(r, c) for r, c in places)
    raise BoardFault(f"there is no {shape} board of triangles")


def wedge(rows: int, columns: int) -> Graph:
    """Return a triangular arm: one vertex at the top, `columns` in every other row."""
    top = rows - 1
    graph = Graph([(float(top), float(top))])
    for r in range(1, rows):
        graph.points += [(top - r + 2 * r * c / (columns - 1), float(top - r)) for c in range(columns)]
    graph.edges += [(0, c + 1) for c in range(columns)]
    for r in range(1, rows):
        first = (r - 1) * columns + 1
        graph.edges += [(first + c, first + c + 1) for c in range(columns - 1)]
        if r < rows - 1:
            graph.edges += [(first + c, first + columns + c) for c in range(columns)]
    return graph


def rings(sides: int, count: int, midpoints: bool, join_midpoints: bool, join_corners: bool) -> Graph:
    """Return polygons around each other, as in merels boards."""
    graph = Graph()
    arc = 2 * math.pi / sides
    start = math.pi / 2 + (arc / 2 if sides % 2 == 0 else 0)
    base = 0
    for ring in range(count):
        radius = 1 + ring * (2 if sides == 3 else 1)
        for side in range(sides):
            a = radius * math.cos(start + arc * side), radius * math.sin(start + arc * side)
            b = radius * math.cos(start + arc * (side + 1)), radius * math.sin(start + arc * (side + 1))
            graph.points.append(a)
            if midpoints:
                graph.points.append(((a[0] + b[0]) / 2, (a[1] + b[1]) / 2))
        end = len(graph.points)
        graph.edges += [(v, v + 1 if v + 1 < end else base) for v in range(base, end)]
        base = end
    per_side = 2 if midpoints else 1
    for ring in range(count - 1):
        for side in range(sides):
            v = (ring * sides + side) * per_side
            if join_corners:
                graph.edges.append((v, v + sides * per_side))
            if midpoints and join_midpoints:
                graph.edges.append((v + 1, v + 1 + sides * per_side))
    return reorder(graph)


def polygon(sides: int) -> Graph:
    """Return one ring of vertices."""
    radius = sides / (2 * math.pi)
    offset = math.pi / 4 if sides == 4 else math.pi / 2
    angles = (offset + n / sides * 2 * math.pi for n in range(sides))
    graph = Graph([(radius * math.cos(t), radius * math.sin(t)) for t in angles])
    graph.edges = [(n, (n + 1) % sides) for n in range(sides)]
    return reorder(graph)


def wheel(counts: tuple[int, ...]) -> Graph:
    """Return rings of vertices around a center, joined outwards where they line up (0 or 1: the middle ring)."""
    if len(counts) == 1:
        return polygon(counts[0])
    if abs(counts[0]) > 1:
        counts = (0, *counts)
    graph = Graph()
    members: list[list[int]] = []
    for ring, signed in enumerate(counts):
        number = abs(signed)
        angles = sorted(math.pi / 2 - 2 * math.pi * step / number for step in range(number))
        members.append([graph.vertex(ring * math.cos(t), ring * math.sin(t)) for t in angles])
    for ring, signed in enumerate(counts):
        if ring and signed >= 2:
            around = members[ring]
            for n, v in enumerate(around):
                graph.edge(v, around[(n + 1) % len(around)])
                graph.curved.add((v, around[(n + 1) % len(around)]))
    for ring in range(len(counts) - 1):
        for v in members[ring]:
            if ring == 0:
                for w in members[1]:
                    graph.edge(v, w)
                continue
            x, y = graph.points[v]
            w = graph.find(x * (ring + 1) / ring, y * (ring + 1) / ring)
            if w is not None:
                graph.edge(v, w)
                if counts[0] == 0:
                    graph.pivot[w] = v
    if counts[0] != 0:
        center = graph.find(0, 0)
        assert center is not None
        graph.pivot = {v: center for v in range(len(graph.points))}
    return graph


def mancala(rows: int, columns: int, stores: bool) -> Graph:
    """Return rows of holes, with a store at either end first and last in number."""
    middle = (rows - 1) / 2
    left, right = {2: (-0.85, columns - 0.15), 3: (-1.0, float(columns)), 5: (-1.0, float(columns))}.get(
        rows, (-0.9, columns - 0.1)
    )
    holes = [(float(c), float(r)) for r in range(rows) for c in range(columns)]
    graph = Graph([(left, middle), *holes, (right, middle)] if stores else holes)
    for a, p in enumerate(graph.points):
        for b in range(a + 1, len(graph.points)):
            if math.dist(p, graph.points[b]) < 1.1:
                graph.edges.append((a, b))
    make_faces(graph)
    return graph
