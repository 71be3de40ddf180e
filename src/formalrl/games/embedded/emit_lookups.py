"""How numbers that are looked up are written: places, maps, variables, tracks and lists."""

from .aim import ahead_tables, direction_term, names_of
from .boards import argument, listed, need, refuse, word
from .checker import Term
from .gen import Gen, emits


@emits("int:ahead")
def emit_ahead(g: Gen, t: Term) -> str:
    g.own_type(t)
    directions = direction_term(t)
    if (
        directions is not None
        and directions.form is not None
        and (directions.key != "directions" or "from" in directions.args or "of" in directions.args)
    ):
        raise refuse(directions, "(ahead ...) in these directions is not played by this engine", "unsupported")
    names = names_of(directions) if directions is not None else ["Forward"]
    if any(n in ("SameDirection", "OppositeDirection") for n in names):
        raise refuse(t, "(ahead ...) in such a direction is not played by this engine", "unsupported")
    return f"ahead(c, {ahead_tables(g, names)}, {g.arg(t, 'int')}, {g.optional(t, 'steps', '1')})"


@emits("int:coord")
def emit_coord(g: Gen, t: Term) -> str:
    if "string" in t.args:
        site = g.eq.coordinate(word(t, "string"))
        if site is None:
            raise refuse(t, f"there is no site {word(t, 'string')}")
        return str(site)
    rows, columns = g.eq.measure.grid
    table = g.const({(r, c): s for s, (r, c) in reversed(list(enumerate(zip(rows, columns, strict=True))))})
    return f"{table}.get(({g.arg(t, 'row')}, {g.arg(t, 'column')}), -1)"


@emits("int:centrePoint")
def emit_centre_point(g: Gen, t: Term) -> str:
    centre = g.eq.measure.centre
    if not centre:
        raise refuse(t, "this board has no center")
    return str(centre[0])


@emits("int:handSite")
def emit_hand_site(g: Gen, t: Term) -> str:
    if not g.eq.hands:
        raise refuse(t, "this game has no hands")
    starts = tuple(g.eq.hands[p].start if p in g.eq.hands else -1 for p in range(4))
    who = g.who(t, "who")
    base = str(starts[int(who)]) if who.isdigit() and int(who) < 4 else f"{g.const(starts)}[{who}]"
    g.features.add("full")
    return f"({base} + {g.arg(t, 'number')})" if "number" in t.args else base


@emits("int:row", "int:column")
def emit_row(g: Gen, t: Term) -> str:
    lines = (*g.eq.measure.grid[0 if t.key == "row" else 1], *([-1] * (g.eq.size + 1 - g.eq.topology.size)))
    return f"at({g.const(lines)}, {g.arg(t, 'of')})"


@emits("int:where")
def emit_where(g: Gen, t: Term) -> str:
    numbers = (*tuple(g.eq.find(f"{word(t, 'name')}{owner}") for owner in range(3)), g.eq.find(word(t, "name")))
    if not any(numbers):
        raise refuse(need(t, "name"), f"there is no piece {word(t, 'name')!r}")
    return f"where(c, {g.const(numbers)}[{g.role(need(t, 'who'))}])"


@emits("int:mapEntry")
def emit_map(g: Gen, t: Term) -> str:
    maps = g.eq.maps
    if "name" in t.args:
        found = maps.get(word(t, "name"))
        if found is None:
            raise refuse(need(t, "name"), f"there is no map {word(t, 'name')!r}")
        chosen = found
    else:
        chosen: dict[int, int] = {}
        for entries in reversed([maps[n] for n in g.eq.map_names]):
            chosen = {**chosen, **entries}
        if not g.eq.map_names:
            raise refuse(t, "this game has no map")
    key = argument(t, "key")
    assert key is not None
    code = g.role(key) if key.type == "Role" else g.expr(key)
    return f"{g.const(chosen, 'M')}.get({code}, {code})"


@emits("int:regionSite", "int:arrayValue")
def emit_item(g: Gen, t: Term) -> str:
    return f"item({g.arg(t, 'region' if t.key == 'regionSite' else 'ints')}, {g.arg(t, 'index')})"


@emits("int:var")
def emit_var(g: Gen, t: Term) -> str:
    return f"c.vars.get({word(t, 'name')!r}, -1)"


@emits("int:score")
def emit_score(g: Gen, t: Term) -> str:
    return f"c.scores[{g.who(t, 'who')}]"


@emits("int:value Pending")
def emit_pending_value(g: Gen, t: Term) -> str:
    return "(next(iter(c.pending)) if c.pending else 0)"


@emits("int:value Player")
def emit_player_value(g: Gen, t: Term) -> str:
    return f"c.pvals[{g.who(t, 'who')}]"


@emits("int:trackSite Move", "int:trackSite FirstSite", "int:trackSite LastSite")
def emit_track_site(g: Gen, t: Term) -> str:
    if not g.eq.tracks:
        raise refuse(t, "this board has no tracks")
    tracks = g.const(tuple(g.eq.tracks), "P")
    name = repr(word(t, "name")) if "name" in t.args else "None"
    who = g.who(t, "who", "None")
    if t.key == "trackSite LastSite":
        return f"track_end({tracks}, {name}, {who})"
    start = g.optional(t, "from", g.var("frm") if t.key == "trackSite Move" else "None")
    if t.key == "trackSite Move":
        return f"track_move(c, {tracks}, {name}, {who}, {start}, {g.arg(t, 'steps')})"
    condition = argument(t, "if")
    return f"track_first(c, {tracks}, {name}, {who}, {start}, {g.function(condition) if condition else 'None'})"


@emits("ints:values Remembered")
def emit_remembered(g: Gen, t: Term) -> str:
    return f"c.mem.get({word(t, 'name')!r}, ())"


@emits("ints:results")
def emit_results(g: Gen, t: Term) -> str:
    def sites(label: str) -> str:
        term = need(t, label)
        return g.expr(term) if term.type == "region" else f"({g.expr(term)},)"

    g.escaped = True
    name = g.name("r")
    (body, starts, ends), _ = g.fresh({}, lambda: (g.arg(t, "value"), sites("from"), sites("to")))
    lines = ["o, p = c.frm, c.to", "out = []", f"for c.frm in {starts}:", f"    for c.to in {ends}:"]
    g.define(name, "c", [*lines, f"        out.append({body})", "c.frm, c.to = o, p", "return out"])
    return f"{name}(c)"


@emits("ints:array")
def emit_array(g: Gen, t: Term) -> str:
    if "region" in t.args:
        return g.arg(t, "region")
    return "(" + "".join(f"{g.expr(p)}, " for p in listed(t, "int")) + ")"


@emits("ints:difference", "ints:union")
def emit_array_sets(g: Gen, t: Term) -> str:
    second = g.arg(t, "second")
    if need(t, "second").type == "int":
        second = f"({second},)"
    function = "without" if t.key == "difference" else "joined"
    return f"{function}({g.arg(t, 'first')}, {second})"
