"""How sets of sites are written."""

from .boards import argument, listed, need, refuse, word
from .checker import Term
from .gen import Gen, emits


def _fixed(g: Gen, t: Term, sites: "list[int] | tuple[int, ...] | range") -> str:
    g.own_type(t)
    return g.const(tuple(sites))


@emits("region:sites Board")
def emit_board(g: Gen, t: Term) -> str:
    return _fixed(g, t, range(g.eq.topology.size))


@emits("region:sites Empty")
def emit_empty(g: Gen, t: Term) -> str:
    g.own_type(t)
    return f"empty(c, {g.eq.topology.size})"


@emits("region:sites Top", "region:sites Bottom", "region:sites Left", "region:sites Right")
def emit_extreme(g: Gen, t: Term) -> str:
    return _fixed(g, t, g.eq.measure.extremes[t.key.split()[1]])


@emits(
    "region:sites Outer", "region:sites Perimeter", "region:sites Inner", "region:sites Corners", "region:sites Centre"
)
def emit_rim(g: Gen, t: Term) -> str:
    measure = g.eq.measure
    name = t.key.split()[1]
    sites = {"Inner": lambda: measure.inner, "Corners": lambda: measure.corners, "Centre": lambda: measure.centre}
    return _fixed(g, t, sites.get(name, lambda: measure.outer)())


@emits("region:sites Row", "region:sites Column")
def emit_row(g: Gen, t: Term) -> str:
    lines = g.const(g.eq.measure.grid[0 if t.key.endswith("Row") else 1])
    return g.scan(f"[s for s, k in enumerate({lines}) if k == {g.arg(t, 'int')}]")


@emits("region:sites Phase")
def emit_phase(g: Gen, t: Term) -> str:
    g.own_type(t)
    return g.scan(f"[s for s, k in enumerate({g.const(g.eq.measure.phases)}) if k == {g.arg(t, 'int')}]")


@emits("region:sites Side")
def emit_side(g: Gen, t: Term) -> str:
    return _fixed(g, t, g.eq.measure.sides.get(word(t, "direction"), []))


@emits("region:sites State")
def emit_state(g: Gen, t: Term) -> str:
    g.features.add("full")
    return g.scan(f"[s for s in range({g.eq.topology.size}) if c.st[s] == {g.arg(t, 'int')}]")


@emits("region:sites Hand")
def emit_hand(g: Gen, t: Term) -> str:
    if "who" not in t.args:
        return "()"  # nobody's, as in Ludii
    hands = tuple(tuple(g.eq.hands.get(p, ())) for p in range(4))
    g.features.add("full")
    return f"{g.const(hands)}[{g.who(t, 'who')}]"


@emits("region:sites Start")
def emit_start(g: Gen, t: Term) -> str:
    piece = need(t, "what")
    inner = argument(piece, "name")
    if inner is None:
        raise refuse(piece, "(sites Start ...) takes one piece", "unsupported")
    code = g.expr(inner) if inner.type == "int" else str(g.eq.find(str(inner.literal)))
    return f"c.game.started.get({code}, ())"


@emits("region:sites Pending")
def emit_pending(g: Gen, t: Term) -> str:
    return "list(c.pending)"


@emits("region:sites ToClear")
def emit_to_clear(g: Gen, t: Term) -> str:
    return "c.to_clear"


_WHO = {"Mover": "c.mover", "Next": "c.nxt", "Prev": "c.prev", "P1": "1", "P2": "2"}


@emits(*(f"region:sites {w}" for w in (*_WHO, "Player")))
def emit_owned(g: Gen, t: Term) -> str:
    role = t.key.split()[1]
    return _regions_of(g, t, _WHO.get(role) or g.var("player"), word(t, "name") if "name" in t.args else None)


def _regions_of(g: Gen, t: Term, who: str, name: str | None) -> str:
    tables: list[str] = []
    fixed = True
    for owner in range(4):
        codes: list[str] = []
        for region in g.eq.regions:
            if owner in region.owners and (name is None or region.name == name):
                codes += [g.expr(term) for term in region.terms]
                if region.sites:
                    codes.append(g.const(region.sites))
        fixed = fixed and all(isinstance(g.namespace.get(code), tuple) for code in codes)
        tables.append(g.scan(f"joined({', '.join(codes)})", len(codes)) if codes else "()")
    if all(code == "()" for code in tables):
        raise refuse(t, "there is no such region")
    if fixed:
        values = tuple(tuple(eval(code, g.namespace)) for code in tables)
        if who.isdigit():
            return g.const(values[int(who)])
        return f"{g.const(values)}[{who}]"
    if who.isdigit():
        return tables[int(who)]
    return f"({tables[1]} if {who} == 1 else {tables[2]})"


@emits("region:sites")
def emit_sites(g: Gen, t: Term) -> str:
    if t.form is not None and not t.form.params:
        if not g.in_group:
            raise refuse(t, "(sites) alone means the sites of a group, inside (forEach Group ...)")
        g.escaped = True
        return "c.region"
    if "who" in t.args:
        return _regions_of(g, t, g.who(t, "who"), word(t, "name") if "name" in t.args else None)
    if "ints" in t.args:
        return g.arg(t, "ints")
    if "name" in t.args:
        return _named(g, t)
    if "walks" in t.args:
        return _walked(g, t)
    if "string" in t.args:
        sites: list[int] = []
        for label in listed(t, "string"):
            site = g.eq.coordinate(str(label.literal))
            if site is None:
                raise refuse(label, f"there is no site {label.literal}")
            sites.append(site)
        return g.const(tuple(sites))
    return "(" + "".join(f"{g.expr(i)}, " for i in listed(t, "int")) + ")"


def _named(g: Gen, t: Term) -> str:
    codes: list[str] = []
    for region in g.eq.regions:
        if region.name == word(t, "name"):
            codes += [g.expr(term) for term in region.terms]
            if region.sites:
                codes.append(g.const(region.sites))
    if not codes:
        raise refuse(t, f"there is no region {word(t, 'name')!r}")
    return codes[0] if len(codes) == 1 else g.scan(f"joined({', '.join(codes)})", len(codes))


def _walked(g: Gen, t: Term) -> str:
    table = walk_table(g, t)
    return f"{table}[{g.optional(t, 'origin', g.var('frm'))}]"


def walk_table(g: Gen, t: Term) -> str:
    """Return the name of a table site -> sites at the end of the walks, in every rotation."""
    walks = tuple(tuple(i.text for i in w.node.items) for w in listed(t, "walks"))
    topology = g.eq.topology
    rows = g.namespace["walk_ends"](topology, walks)
    return g.const((*rows, *([()] * (g.eq.size + 1 - topology.size))), "W")


@emits("region:sites Occupied")
def emit_occupied(g: Gen, t: Term) -> str:
    by = need(t, "by")
    if "on" in t.args:
        g.own_type(t, "on")
    if word(t, "top") == "False":
        raise refuse(t, "stacks are not played by this engine", "unsupported")
    size = g.eq.topology.size
    container = argument(t, "container")
    if container is not None and (container.form is not None or str(container.literal) != "Board"):
        return _in_hand(g, t, container, by)
    names = [word(t, "name")] if "name" in t.args else [word(t, "component")] if "component" in t.args else []
    names += [str(c.literal) for c in listed(t, "components")]
    if names:
        kinds = frozenset(n for name in names for n in (*g.eq.of_base(name), g.eq.find(name)) if n)
        return f"kept_kinds(c, {size}, {_owner(g, t, by)}, {g.const(kinds, 'S')})"
    owner = _owner(g, t, by)
    if owner == "None":
        return g.scan(f"[s for s in range({size}) if c.what[s]]")
    return f"owned(c, {size}, {owner})"


def _owner(g: Gen, t: Term, by: Term) -> str:
    if by.type == "Role" and str(by.literal) in ("All", "Each"):
        return "None"
    if by.type == "Role" and str(by.literal) in ("Enemy", "NonMover"):
        return "(3 - c.mover)"
    return g.who(t, "by")


def _in_hand(g: Gen, t: Term, container: Term, by: Term) -> str:
    owner = _owner(g, t, by)
    is_hand = container.form is None and str(container.literal) == "Hand"
    if not is_hand and (container.key != "mover" or owner not in ("None", "c.mover")):
        raise refuse(container, "this container is not played by this engine", "unsupported")
    if is_hand and owner == "None":
        raise refuse(by, "the hands of all players together are not played by this engine", "unsupported")
    hands = g.const(tuple(tuple(g.eq.hands.get(p, ())) for p in range(4)))
    return g.scan(f"[s for s in {hands}[{owner if is_hand else 'c.mover'}] if c.what[s]]")
