"""How moves that place, take, select, change and shoot pieces are written."""

from .aim import direction_term, names_of, rays_at
from .boards import argument, listed, need, refuse, word
from .checker import Term
from .emit_moves import define_moves, effect_of, emit_one, indent, start_of
from .gen import Gen, emits


def _sites(g: Gen, clause: Term, label: str = "region") -> str:
    found = need(clause, label)
    return g.expr(found) if found.type == "region" else f"({g.expr(found)},)"


@emits("moves:move", "moves:fromTo")
def emit_from_to(g: Gen, t: Term) -> str:
    origin, to = need(t, "from"), need(t, "to")
    g.own_type(origin)
    g.own_type(to)
    if "level" in origin.args or "level" in to.args:
        raise refuse(t, "levels of stacks are not played by this engine", "unsupported")
    if "region" not in to.args:
        raise refuse(to, "where to? give (to <region>)")
    if "count" in t.args:
        g.features.add("full")
    copying = word(t, "copy") == "True"

    def chosen() -> tuple[str, str, str]:
        return g.optional(origin, "if", "True"), _sites(g, to), g.optional(t, "count", "")

    def placed() -> tuple[str, list[str]]:
        effect_if, effect = effect_of(to)
        return g.optional(to, "if", "True"), emit_one(g, effect, effect_if, "to")

    (first, ends, count), _ = g.fresh({"frm": "f"}, chosen)
    (test, append), _ = g.fresh({"frm": "f", "to": "t"}, placed)
    outer, _ = g.fresh({}, lambda: _sites(g, origin) if "region" in origin.args else "(c.frm,)")
    if copying:
        append = [line.replace("(MOVE, f, t)", "(COPY, f, t)") for line in append]
    if count:
        append = [line.replace("(MOVE, f, t)", "(MOVE_MANY, f, t, number)") for line in append]
    lines = ["o, p = c.frm, c.to", f"for f in {outer}:", "    if f < 0 or not c.what[f]: continue", "    c.frm = f"]
    if first != "True":
        lines += [f"    if not {first}: continue"]
    if count:
        lines += [f"    number = {count}"]
    lines += [f"    for t in {ends}:", "        if t < 0: continue", "        c.to = t"]
    lines += [f"        if {test}:", *indent(append, 3)] if test != "True" else indent(append, 2)
    lines += ["    c.frm, c.to = o, p"]
    return define_moves(g, t, [*lines, "c.frm, c.to = o, p"])


@emits("moves:move Select", "moves:select")
def emit_select(g: Gen, t: Term) -> str:
    origin, to = need(t, "from"), argument(t, "to")
    g.own_type(origin)
    if "level" in origin.args or (to is not None and ("level" in to.args or argument(to, "apply"))):
        raise refuse(t, "this kind of selection is not played by this engine", "unsupported")
    starts, _ = g.fresh({}, lambda: _sites(g, origin) if "region" in origin.args else "(c.frm,)")

    def body() -> tuple[str, str, str]:
        first = g.early(lambda: g.optional(origin, "if", "True"))
        if to is None:
            return first, "", ""
        ends = g.early(lambda goal=to: _sites(g, goal)) if "region" in to.args else "(f,)"
        return first, ends, g.optional(to, "if", "True")

    (first, ends, test), _ = g.fresh({"frm": "f", "to": "t" if to is not None else "f"}, body)
    lines = ["o, p = c.frm, c.to", f"for f in {starts}:", "    if f < 0: continue", "    c.frm = c.to = f"]
    if first != "True":
        lines += [f"    if not {first}: continue"]
    if to is None:
        lines += ["    out.append((f, f, ((NOTHING, f),), th))"]
    else:
        lines += [f"    for t in {ends}:", "        if t < 0: continue", "        c.to = t"]
        lines += [f"        if {test}:", "            out.append((f, t, ((NOTHING, t),), th))"]
    return define_moves(g, t, [*lines, "c.frm, c.to = o, p"])


@emits("moves:move Add", "moves:add")
def emit_add(g: Gen, t: Term) -> str:
    to = need(t, "to")
    g.own_type(to)
    if "level" in to.args:
        raise refuse(to, "levels of stacks are not played by this engine", "unsupported")
    what, _ = g.fresh({}, lambda: pieces(g, argument(t, "what")))
    count = "1"
    if "count" in t.args:
        g.features.add("full")
        count, _ = g.fresh({}, lambda: g.arg(t, "count"))
    place = argument(to, "region")
    ends, _ = g.fresh({}, lambda: "(c.to,)" if place is None else _sites(g, to))
    effect_if, effect = effect_of(to)
    if effect_if is not None:
        raise refuse(to, "(apply if:...) is not played by this engine here", "unsupported")
    test, _ = g.fresh({"to": "t", "site": "t"} if "if" in to.args else {}, lambda: g.optional(to, "if", "True"))
    test, _ = g.fresh({"to": "t"}, lambda: g.optional(to, "if", "True"))
    generator = g.moves(effect) if effect is not None else ""
    state = argument(need(t, "what"), "state") if "what" in t.args else None
    value = "-1" if state is None else g.fresh({}, lambda: g.expr(state))[0]
    if state is not None:
        g.features.add("full")
    simple = count == "1" and state is None
    action = "(ADD, t, k, w)" if simple else f"(ADD_FULL, t, k, w, {count}, {value}, -1)"
    if place is not None and place.key == "sites Empty" and test == "True" and not generator and len(what) == 1:
        fast = [f"k = {what[0]}", "w = OWNER[k]", "x = c.what", f"for t in range({g.eq.topology.size}):"]
        return define_moves(g, t, [*fast, f"    if not x[t]: out.append((t, t, ({action},), th))"])
    lines = ["p = c.to", f"for t in {ends}:", "    if t < 0: continue", "    c.to = t"]
    lines += [f"    if not {test}: continue"] if test != "True" else []
    lines += [f"    for k in ({', '.join(what)},):", "        w = OWNER[k]"]
    if generator:
        lines += [
            "        e = []",
            f"        {generator}(c, e, ())",
            f"        out.append(chained(e, t, t, {action}, th))",
        ]
    else:
        lines += [f"        out.append((t, t, ({action},), th))"]
    return define_moves(g, t, [*lines, "c.to = p"])


def pieces(g: Gen, piece: Term | None) -> list[str]:
    """Return the component numbers of a (piece ...) term; without one, the mover's first piece."""
    if piece is None:
        mine = tuple(
            next((n for n, k in enumerate(g.eq.components) if n and k.owner == p), 0) or _shared(g) for p in range(4)
        )
        return [f"{g.const(mine)}[c.mover]"]
    names = piece.args.get("string")
    listed_names = [names] if isinstance(names, Term) else list(names or ())
    if listed_names:
        return [str(_named_piece(g, n)) for n in listed_names if isinstance(n, Term)]
    name = piece.args.get("name")
    if isinstance(name, tuple):
        return [g.expr(n) for n in name if isinstance(n, Term)]
    assert isinstance(name, Term)
    return [_piece_code(g, name)]


def _shared(g: Gen) -> int:
    return next((n for n, k in enumerate(g.eq.components) if n and k.owner == 3), 0)


def _piece_code(g: Gen, name: Term) -> str:
    if name.type == "string":
        exact = g.eq.find(str(name.literal))
        if exact:
            return str(exact)
        mine = tuple(g.eq.find(f"{name.literal}{p}") for p in range(4))
        if not any(mine):
            raise refuse(name, f"there is no piece {name.literal!r}")
        return f"{g.const(mine)}[c.mover]"
    return g.expr(name)


def _named_piece(g: Gen, name: Term) -> str:
    return _piece_code(g, name)


@emits("moves:move Remove", "moves:remove")
def emit_remove(g: Gen, t: Term) -> str:
    g.own_type(t)
    if "level" in t.args or word(t, "at") == "StartOfTurn":
        raise refuse(t, "this way of removing is not played by this engine", "unsupported")
    action = "REMOVE"
    if word(t, "at") == "EndOfTurn":
        g.features.add("clears")
        action = "REMOVE_LATER"
    place = need(t, "region")
    code, _ = g.fresh({}, lambda: g.expr(place))
    if place.type != "region":
        lines = [f"t = {code}", "if 0 <= t and c.what[t]:", f"    out.append((t, t, (({action}, t),), th))"]
    else:
        lines = [f"for t in {code}:", f"    if 0 <= t and c.what[t]: out.append((t, t, (({action}, t),), th))"]
    return define_moves(g, t, lines)


@emits("moves:move Pass", "moves:pass")
def emit_pass(g: Gen, t: Term) -> str:
    return define_moves(g, t, ["out.append((-1, -1, ((PASS,),), th))"])


@emits("moves:move Promote", "moves:promote")
def emit_promote(g: Gen, t: Term) -> str:
    g.own_type(t)
    what = need(t, "what")
    name = what.args.get("name")
    names = what.args.get("string")
    role = argument(t, "who")

    def numbers() -> list[str]:
        if isinstance(names, tuple | Term):
            listed_names = [names] if isinstance(names, Term) else names
            return [_promoted(g, n, role) for n in listed_names if isinstance(n, Term)]
        if isinstance(name, tuple):
            return [g.expr(n) for n in name if isinstance(n, Term)]
        assert isinstance(name, Term)
        return [_promoted(g, name, role)]

    codes, _ = g.fresh({}, numbers)
    site, _ = g.fresh({}, lambda: g.optional(t, "site", "c.to"))
    lines = [f"t = {site}", "if t < 0 or not c.what[t]: return", f"for k in ({', '.join(codes)},):"]
    return define_moves(g, t, [*lines, "    out.append((t, t, ((PROMOTE, t, k, OWNER[k]),), th))"])


def _promoted(g: Gen, name: Term, role: Term | None) -> str:
    if name.type != "string":
        return g.expr(name)
    table = tuple(g.eq.find(f"{name.literal}{p}") for p in range(4))
    exact = g.eq.find(str(name.literal))
    if role is None:
        if exact:
            return str(exact)
        if any(table):
            return f"{g.const(table)}[c.who[t]]"
    elif any(table):
        return f"{g.const(table)}[{g.role(role)}]"
    if exact:
        return str(exact)
    raise refuse(name, f"there is no piece {name.literal!r}")


@emits("moves:move Propose", "moves:propose", "moves:move Vote", "moves:vote")
def emit_propose(g: Gen, t: Term) -> str:
    action = "PROPOSE" if t.key.lower().endswith("propose") else "VOTE"
    return define_moves(g, t, [f"out.append((-1, -1, (({action}, {word(t, 'string')!r}),), th))"])


@emits("moves:move Shoot")
def emit_shoot(g: Gen, t: Term) -> str:
    start, condition = start_of(g, t)
    if argument(t, "from") is None:
        start = ["f = c.last_to", "if f < 0: return"]
    to, between = argument(t, "to"), argument(t, "between")

    def body() -> tuple[str, str, str]:
        go = "not c.what[t]"
        if between is not None and "if" in between.args:
            go = g.under({"between": "t"}, lambda b=between: g.arg(b, "if"))[0]
        test = g.optional(to, "if", "True") if to is not None else "not c.what[t]"
        return g.early(lambda: rays_at(g, direction_term(t), "f")), go, test

    (rays, go, test), _ = g.fresh({"frm": "f", "to": "t"}, body)
    what, _ = g.fresh({}, lambda: pieces(g, need(t, "what")))
    if condition is not None:
        raise refuse(condition, "a condition on (from) is not played by this engine here", "unsupported")
    lines = [*start, f"k = {what[0]}", "w = OWNER[k]", "o, p = c.frm, c.to", "c.frm = f", f"for ray in {rays}:"]
    lines += [
        "    for t in ray:",
        "        c.to = c.between = t",
        f"        if not ({go}): break",
        f"        if {test}:",
    ]
    lines += ["            out.append((t, t, ((ADD, t, k, w),), th))", "c.frm, c.to = o, p"]
    return define_moves(g, t, lines)


__all__ = ["define_moves", "effect_of", "indent", "listed", "names_of", "start_of"]
