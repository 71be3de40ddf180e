"""How sets of sites that depend on other sites are written."""

from .aim import direction_term, names_of, rays_at, steps_at
from .boards import argument, listed, need, refuse, word
from .checker import Term
from .emit_values import group, neighbors
from .gen import Gen, emits


@emits("region:sites Around")
def emit_around(g: Gen, t: Term) -> str:
    g.own_type(t)
    if "distance" in t.args:
        raise refuse(t, "(sites Around distance:...) is not played by this engine", "unsupported")
    near = neighbors(g, direction_term(t))
    place = need(t, "at")
    centers = g.expr(place) if place.type == "region" else f"({g.expr(place)},)"
    kind = word(t, "Around")
    condition = argument(t, "if")
    if condition is not None:
        g.escaped = True
    test = g.function(condition) if condition is not None else "None"
    own = word(t, "includeSelf") == "True"
    return f"around(c, {near}, {centers}, {kind!r}, {test}, {own})"


@emits("region:sites Direction")
def emit_direction(g: Gen, t: Term) -> str:
    g.escaped = True
    place = need(t, "from")
    starts = g.expr(place) if place.type == "region" else f"({g.expr(place)},)"
    name = g.name("d")
    code, _ = g.fresh({}, lambda: rays_at(g, direction_term(t), "s"))
    g.define(name, "c, s", [f"return {code}"])
    stop = argument(t, "stop")
    flags = f"{g.optional(t, 'included', 'False')}, {g.optional(t, 'stopIncluded', 'False')}"
    limit = g.optional(t, "distance", "1000")
    return f"along(c, {name}, {starts}, {g.function(stop) if stop else 'None'}, {flags}, {limit})"


@emits("region:sites Between")
def emit_between(g: Gen, t: Term) -> str:
    g.own_type(t)
    if "cond" in t.args:
        raise refuse(t, "(sites Between cond:...) is not played by this engine", "unsupported")
    name = g.name("d")
    code, _ = g.fresh({}, lambda: rays_at(g, argument(t, "directions"), "s"))
    g.define(name, "c, s", [f"return {code}"])
    flags = f"{g.optional(t, 'fromIncluded', 'False')}, {g.optional(t, 'toIncluded', 'False')}"
    return f"strictly_between(c, {name}, {g.arg(t, 'from')}, {g.arg(t, 'to')}, {flags})"


@emits("region:sites Distance")
def emit_distance(g: Gen, t: Term) -> str:
    g.own_type(t)
    low, high = bounds(g, need(t, "range"))
    distances = g.const({}, "D")
    return f"at_distance({distances}, {word(t, 'Relation', 'Adjacent')!r}, c, {g.arg(t, 'from')}, {low}, {high})"


def bounds(g: Gen, t: Term) -> tuple[str, str]:
    """Return the least and the most of a range."""
    if t.key == "range":
        return g.arg(t, "min"), g.arg(t, "max")
    value = g.arg(t, "int")
    return {"exact": (value, value), "max": ("0", value), "min": (value, "1000")}[t.key]


@emits("region:sites LineOfSight")
def emit_sight(g: Gen, t: Term) -> str:
    g.own_type(t)
    name = g.name("d")
    code, _ = g.fresh({}, lambda: rays_at(g, direction_term(t), "s"))
    g.define(name, "c, s", [f"return {code}"])
    return f"sight(c, {name}, {g.arg(t, 'at')}, {word(t, 'Sight', 'Piece')!r})"


@emits("region:sites Group")
def emit_group(g: Gen, t: Term) -> str:
    if "from" in t.args:
        raise refuse(t, "(sites Group from:...) is not played by this engine", "unsupported")
    return group(g, t, g.arg(t, "at"))


@emits("region:sites Track")
def emit_track(g: Gen, t: Term) -> str:
    if not g.eq.tracks:
        raise refuse(t, "this board has no tracks")
    tracks = g.const(tuple(g.eq.tracks), "P")
    name = repr(word(t, "name")) if "name" in t.args else "None"
    if "name" in t.args and not any(word(t, "name") in k.name for k in g.eq.tracks):
        raise refuse(need(t, "name"), f"there is no track {word(t, 'name')!r}")
    ends = f"{g.optional(t, 'from', 'None')}, {g.optional(t, 'to', 'None')}"
    return g.scan(f"track_sites({tracks}, {name}, {g.who(t, 'who', 'None')}, {ends})")


@emits("region:sites From", "region:sites To")
def emit_of_moves(g: Gen, t: Term) -> str:
    return f"ends_of_moves(c, {g.moves(need(t, 'moves'))}, {0 if t.key == 'sites From' else 1})"


@emits("region:union", "region:intersection")
def emit_sets(g: Gen, t: Term) -> str:
    parts = [need(t, "first"), need(t, "second")] if "first" in t.args else listed(t, "region")
    function = "joined" if t.key == "union" else "common"
    return g.scan(f"{function}({', '.join(g.expr(p) for p in parts)})", len(parts))


@emits("region:difference")
def emit_difference(g: Gen, t: Term) -> str:
    second = need(t, "second")
    code = g.expr(second)
    taken = g.members(code) if second.type == "region" else f"({code},)"
    return g.scan(f"without({g.arg(t, 'first')}, {taken})")


@emits("region:expand")
def emit_expand(g: Gen, t: Term) -> str:
    directions = direction_term(t)
    if directions is not None and directions.form is not None:
        raise refuse(directions, "(expand ...) in these directions is not played by this engine", "unsupported")
    names = names_of(directions) if directions is not None else ["Adjacent"]
    if any(n not in g.eq.topology.supported and len(n) > 3 for n in names):
        raise refuse(t, "(expand ...) in this direction is not played by this engine", "unsupported")
    start = g.arg(t, "region") if "region" in t.args else f"({g.arg(t, 'origin')},)"
    table = steps_at(g, directions, "@").removesuffix("[@]")
    return g.scan(f"expand({table}, {start}, {g.optional(t, 'steps', '1')})")


@emits("region:forEach")
def emit_filter(g: Gen, t: Term) -> str:
    name = g.name("g")
    if "of" in t.args:
        starts = g.function(need(t, "of"))
        inner = g.function(need(t, "region"))
        lines = [
            "o, out = c.site, []",
            f"for s in {starts}(c):",
            "    c.site = s",
            f"    out.extend({inner}(c))",
        ]
        g.define(name, "c", [*lines, "c.site = o", "return list(dict.fromkeys(out))"])
        g.escaped = True
        return f"{name}(c)"
    sites = g.function(need(t, "region"))
    body, escaped = g.fresh({"site": "s"}, lambda: g.arg(t, "if"))
    if not escaped:
        g.define(name, "c", [f"return [s for s in counted(c, {sites}(c)) if {body}]"])
    else:
        lines = ["o, out = c.site, []", f"for s in {sites}(c):", "    c.site = s", f"    if {body}:"]
        g.define(name, "c", [*lines, "        out.append(s)", "c.site = o", "return out"])
    return f"{name}(c)"
