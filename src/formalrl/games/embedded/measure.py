"""What follows from the places of sites: perimeter, corners, sides, center, phases, rows, columns and labels."""

import math
from dataclasses import dataclass
from functools import cached_property

from .graph import Point, neighbors
from .topology import Topology


@dataclass(eq=False)
class Measure:
    """Regions of a board, worked out when they are first asked for."""

    topology: Topology

    @cached_property
    def extremes(self) -> dict[str, list[int]]:
        """Return the sites at the top, bottom, left and right."""
        points = self.topology.points
        if not points:
            return {"Top": [], "Bottom": [], "Left": [], "Right": []}
        xs, ys = [p[0] for p in points], [p[1] for p in points]
        return {
            "Top": [s for s, y in enumerate(ys) if max(ys) - y < 0.01],
            "Bottom": [s for s, y in enumerate(ys) if y - min(ys) < 0.01],
            "Left": [s for s, x in enumerate(xs) if x - min(xs) < 0.01],
            "Right": [s for s, x in enumerate(xs) if max(xs) - x < 0.01],
        }

    @cached_property
    def perimeters(self) -> list[list[int]]:
        """Return the vertices around each connected part, clockwise; parts inside another one are left out."""
        graph = self.topology.graph
        around = neighbors(graph)
        covered: set[int] = set()
        loops: list[list[int]] = []
        while len(covered) < len(graph.points):
            start = min((v for v in range(len(graph.points)) if v not in covered), key=lambda v: graph.points[v][0])
            loop = _walk_around(graph.points, around, start)
            covered.update(loop)
            polygon = [graph.points[v] for v in loop]
            covered.update(
                v for v in range(len(graph.points)) if v not in covered and _inside(graph.points[v], polygon)
            )
            loops.append(loop)
        polygons = [[graph.points[v] for v in loop] for loop in loops]
        return [
            loop
            for k, loop in enumerate(loops)
            if not any(j != k and _inside(graph.points[loop[0]], p) for j, p in enumerate(polygons))
        ]

    @cached_property
    def on_perimeter(self) -> set[int]:
        """Return the vertices on a perimeter."""
        return {v for loop in self.perimeters for v in loop}

    @cached_property
    def outer(self) -> list[int]:
        """Return the sites on the border."""
        return self._touching(self.on_perimeter)

    @cached_property
    def inner(self) -> list[int]:
        """Return the sites that are not on the border."""
        outer = set(self.outer)
        return [s for s in range(self.topology.size) if s not in outer]

    def _touching(self, vertices: set[int]) -> list[int]:
        if self.topology.site_type == "Vertex":
            return sorted(vertices)
        return [s for s, face in enumerate(self.topology.graph.faces or []) if any(v in vertices for v in face)]

    @cached_property
    def corner_vertices(self) -> tuple[set[int], set[int]]:
        """Return the convex and the concave corners of the perimeters."""
        convex: set[int] = set()
        concave: set[int] = set()
        for loop in self.perimeters:
            out, inward = _corners([self.topology.graph.points[v] for v in loop])
            convex.update(loop[k] for k in out)
            concave.update(loop[k] for k in inward)
        return convex, concave

    @cached_property
    def corners(self) -> list[int]:
        """Return the sites at corners."""
        convex, concave = self.corner_vertices
        corners = convex | concave
        graph = self.topology.graph
        if self.topology.site_type == "Vertex":
            return sorted(corners)
        edge_cells: dict[frozenset[int], list[int]] = {}
        at_vertex: dict[int, list[int]] = {}
        for number, face in enumerate(graph.faces or []):
            for k, v in enumerate(face):
                edge_cells.setdefault(frozenset((v, face[(k + 1) % len(face)])), []).append(number)
                at_vertex.setdefault(v, []).append(number)
        around = neighbors(graph)
        rim = {frozenset(pair) for loop in self.perimeters for pair in zip(loop, loop[1:] + loop[:1], strict=True)}
        found: set[int] = set()
        for v in corners:
            joined = [w for w in around[v] if w in corners]
            for w in joined:
                found.update(edge_cells.get(frozenset((v, w)), [])[:1])
            if joined:
                continue
            for w in around[v]:
                if frozenset((v, w)) not in rim:
                    continue
                if v in concave:
                    cells = at_vertex.get(v, [])
                    found.update(c for c in cells if sum(u in self.on_perimeter for u in (graph.faces or [])[c]) == 1)
                else:
                    found.update(edge_cells.get(frozenset((v, w)), [])[:1])
        return sorted(found)

    @cached_property
    def sides(self) -> dict[str, list[int]]:
        """Return the sites on each side of the board, by compass direction from the center."""
        graph = self.topology.graph
        corners = self.corner_vertices[0] | self.corner_vertices[1]
        count = len(graph.points)
        middle = (sum(p[0] for p in graph.points) / count, sum(p[1] for p in graph.points) / count)
        members: dict[str, set[int]] = {}
        for loop in self.perimeters:
            starts = [k for k, v in enumerate(loop) if v in corners]
            for k in starts:
                run = [loop[k]]
                j = k + 1
                while loop[j % len(loop)] not in corners:
                    run.append(loop[j % len(loop)])
                    j += 1
                run.append(loop[j % len(loop)])
                x = sum(graph.points[v][0] for v in run) / len(run)
                y = sum(graph.points[v][1] for v in run) / len(run)
                members.setdefault(_side(middle, (x, y)), set()).update(run)
        return {side: self._touching(vertices) for side, vertices in members.items()}

    @cached_property
    def centre(self) -> list[int]:
        """Return the sites nearest to the middle of the border."""
        points = self.topology.points
        anchors = [points[s] for s in self.outer] if len(points) < 100 else []
        anchors += [points[s] for s in self.corners]
        totals = [sum((x - a) ** 2 + (y - b) ** 2 for a, b in anchors) for x, y in points]
        least = min(totals, default=0.0)
        return [s for s, total in enumerate(totals) if abs(total - least) < 0.0001]

    @cached_property
    def phases(self) -> list[int]:
        """Return a coloring of the sites: neighbors differ."""
        near = [[t for t, relation in steps if relation == "Orthogonal"] for steps in self.topology.steps]
        phases = [-1] * self.topology.size
        for start in range(len(phases)):
            if phases[start] >= 0:
                continue
            phases[start] = 0
            queue, visited = [start], set[int]()
            while queue:
                site = queue.pop(0)
                if site in visited:
                    continue
                taken = {phases[n] for n in near[site]}
                phases[site] = next(k for k in range(len(taken) + 2) if k not in taken)
                visited.add(site)
                for n in near[site]:
                    if n not in visited:
                        known = {phases[m] for m in near[n]} - {-1}
                        queue.insert(0 if len(known) > 1 else len(queue), n)
        return phases

    @cached_property
    def grid(self) -> tuple[list[int], list[int]]:
        """Return the row and the column of every site."""
        return _grid(self.topology.points)

    @cached_property
    def labels(self) -> dict[str, int]:
        """Return coordinate -> site; the first one where two sites share a label."""
        out: dict[str, int] = {}
        for site, (row, column) in enumerate(zip(*self.grid, strict=True)):
            label = chr(65 + column % 26)
            while column >= 26:
                column //= 26
                label = chr(65 + column % 26 - 1) + label
            out.setdefault(f"{label}{row + 1}", site)
        return out


def _walk_around(points: list[Point], around: list[list[int]], start: int) -> list[int]:
    if not around[start]:
        return [start]
    x, y = points[start]
    first = min(around[start], key=lambda w: math.atan2(points[w][0] - x, -(points[w][1] - y)))
    loop, previous, at = [start], start, first
    limit = 4 * sum(len(near) for near in around)
    while at != start and len(loop) <= limit:
        loop.append(at)
        near = around[at]
        k = near.index(previous)
        previous, at = at, near[(k + 1) % len(near)]
    return loop


def _inside(point: Point, polygon: list[Point]) -> bool:
    x, y = point
    inside = False
    for (ax, ay), (bx, by) in zip(polygon, polygon[1:] + polygon[:1], strict=True):
        if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
            inside = not inside
    return inside


def _corners(loop: list[Point]) -> tuple[list[int], list[int]]:
    """Return the convex and concave corners of a polygon by how far points stick out of the line of their neighbors."""
    count = len(loop)
    if count < 6:
        return list(range(count)), []
    scores: list[float] = []
    for n, p in enumerate(loop):
        score = 0.0
        for k in range(1, 4):
            a, b = loop[(n - k) % count], loop[(n + k) % count]
            cross = (p[0] - a[0]) * (b[1] - p[1]) - (p[1] - a[1]) * (b[0] - p[0])
            length = math.dist(a, b)
            distance = abs((b[0] - a[0]) * (a[1] - p[1]) - (a[0] - p[0]) * (b[1] - a[1])) / length if length else 0.0
            score += (distance if cross >= 0 else -distance) / k
        scores.append(score)
    smooth = [(4 * scores[n] + scores[(n + 1) % count] + scores[n - 1]) / 6 for n in range(count)]
    around = [(smooth[n], smooth[n - 1], smooth[(n + 1) % count]) for n in range(count)]
    peaks = [n for n, (s, a, b) in enumerate(around) if s >= 0.32 and s >= a - 0.001 and s >= b - 0.001]
    convex = set(peaks)
    for n in peaks:
        convex.update(m % count for m in (n - 1, n + 1) if smooth[m % count] >= 0.95 * smooth[n])
    concave = [n for n, (s, a, b) in enumerate(around) if s <= -0.25 and s <= a + 0.001 and s <= b + 0.001]
    return sorted(convex), concave


def _side(middle: Point, point: Point) -> str:
    angle = math.atan2(point[1] - middle[1], point[0] - middle[0]) % (2 * math.pi)
    sector = int(angle / (2 * math.pi) * 16 + 0.5) % 16
    exact = {0: "E", 4: "N", 8: "W", 12: "S"}
    if sector in exact:
        return exact[sector]
    return "NE" if sector < 4 else "NW" if sector < 8 else "SW" if sector < 12 else "SE"


def _grid(points: list[Point]) -> tuple[list[int], list[int]]:
    if not points:
        return [], []
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    x, y, width, height = min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)
    unit = (width + height) / 2 / math.sqrt(len(points))
    row_base = (x + width / 2, y - height)
    column_base = (x - width, y + height / 2)

    def best(base: Point, angles: list[float]) -> tuple[list[int], float]:
        least, chosen, theta = 1000.0, [0] * len(points), angles[0]
        for angle in angles:
            clusters, error = _cluster(points, base, width, angle, unit)
            if error < least:
                least, chosen, theta = error, clusters, angle
                if error < 0.01:
                    break
        return chosen, theta

    rows, theta = best(row_base, [math.radians(a) for a in range(0, 61, 15)])
    columns, _ = best(column_base, [theta + math.radians(a) for a in range(90, 121, 15)])
    return rows, columns


def _cluster(points: list[Point], base: Point, width: float, angle: float, unit: float) -> tuple[list[int], float]:
    dx, dy = width * math.cos(angle), width * math.sin(angle)
    length = math.hypot(dx, dy)
    if length:
        scores = [abs(dx * (base[1] - y) - (base[0] - x) * dy) / length for x, y in points]
    else:
        scores = [math.dist(base, p) for p in points]
    buckets: list[list[int]] = []
    average = 0.0
    for n in sorted(range(len(points)), key=lambda n: scores[n]):
        if not buckets or abs(scores[n] - average) > 0.5 * unit:
            buckets.append([])
        buckets[-1].append(n)
        average = sum(scores[m] for m in buckets[-1]) / len(buckets[-1])
    out = [0] * len(points)
    error = 0.0
    for number, bucket in enumerate(buckets):
        mean = sum(scores[m] for m in bucket) / len(bucket)
        error += (mean - scores[bucket[-1]]) ** 2 / len(bucket)
        for m in bucket:
            out[m] = number
    return out, error + 0.01 * len(buckets)
