"""How combinations of moves and effects on the state are written."""

from .aim import direction_term, rays_at
from .boards import argument, listed, need, refuse, word
from .checker import Term
from .emit_moves import define_moves, effect_of
from .emit_values import neighbors
from .equipment import PLAYERS
from .gen import Gen, emits


def _parts(t: Term) -> list[Term]:
    return [need(t, "first"), need(t, "second")] if "first" in t.args else listed(t, "moves")


@emits("moves:or", "moves:and")
def emit_or(g: Gen, t: Term) -> str:
    return define_moves(g, t, [f"{g.moves(part)}(c, out, th)" for part in _parts(t)] or ["pass"])


@emits("moves:append")
def emit_append(g: Gen, t: Term) -> str:
    inner = g.moves(need(t, "moves"))
    lines = ["e = []", f"{inner}(c, e, ())", "if e:", "    acts, thens = gathered(e)", "    made_for(c, acts)"]
    return define_moves(g, t, [*lines, "    out.append((e[0][0], e[0][1], acts, thens + th))"])


@emits("moves:if")
def emit_if(g: Gen, t: Term) -> str:
    condition, _ = g.fresh({}, lambda: g.arg(t, "condition"))
    lines = [f"if {condition}:", f"    {g.moves(need(t, 'then'))}(c, out, th)"]
    otherwise = argument(t, "else")
    if otherwise is not None:
        lines += ["else:", f"    {g.moves(otherwise)}(c, out, th)"]
    return define_moves(g, t, lines)


@emits("moves:priority")
def emit_priority(g: Gen, t: Term) -> str:
    lines = ["e = []"]
    for part in _parts(t):
        lines += [f"{g.moves(part)}(c, e, th)", "if e:", "    out.extend(e)", "    return"]
    return define_moves(g, t, lines)


@emits("moves:max Moves", "moves:max Captures")
def emit_max(g: Gen, t: Term) -> str:
    if "withValue" in t.args:
        raise refuse(t, "withValue: is not played by this engine", "unsupported")
    function = "longest" if t.key == "max Moves" else "most_captures"
    inner = g.moves(need(t, "moves"))
    return define_moves(g, t, ["e = []", f"{inner}(c, e, th)", f"out.extend({function}(c, e))"])


@emits("moves:do")
def emit_do(g: Gen, t: Term) -> str:
    first, second, after = need(t, "moves"), argument(t, "next"), argument(t, "ifAfterwards")
    follows = "th" if after is None else "()"  # a condition is tried before what follows the moves is added to them
    lines = ["e = []"]
    if second is None:
        lines += [f"{g.moves(first)}(c, e, {follows})"]
    else:
        lines += [f"do_then(c, e, {g.moves(first)}, {g.moves(second)}, {follows})"]
    if after is None:
        return define_moves(g, t, [*lines, "out.extend(e)"])
    test = g.function(after)
    if id(t) in g.tails:
        lines += ["if c.lazy:", f"    out.extend([(*m[:3], m[3] + th, {test}, m[3]) for m in e])", "    return"]
    if after.key == "not" and need(after, "bool").key == "is Threatened":
        lines += ["if c.deep & 1:", "    out.extend(followed(e, th))", "    return"]
    return define_moves(g, t, [*lines, f"filter_after(c, out, e, {test}, th)"])


@emits("moves:forEach Piece")
def emit_each_piece(g: Gen, t: Term) -> str:
    if "on" in t.args:
        g.own_type(t, "on")
    if word(t, "top") == "False":
        raise refuse(t, "stacks are not played by this engine", "unsupported")
    who = g.fresh({}, lambda: _mover_of(g, t))[0]
    size = g.eq.topology.size
    specific = argument(t, "moves")
    name = word(t, "name") if "name" in t.args else None
    kinds = [n for n, k in enumerate(g.eq.components) if n and (name is None or k.base == name)]
    if not kinds:
        raise refuse(need(t, "name"), f"there is no piece {name!r}")
    if specific is not None:
        made = g.moves(specific)
        call = f"{made}(c, out, th)"
        test = "" if name is None else f"x[s] in {g.const(frozenset(kinds), 'S')} and "
    else:
        table = g.const([None] * len(g.eq.components), "Z")
        g.namespace.setdefault("PENDING_PIECES", []).append((table, kinds))
        call = f"{table}[x[s]](c, out, th)"
        test = ""
    owner = f"y[s] == {who}" if who != "any" else "x[s]"
    lines = ["x, y, o = c.what, c.who, c.frm", f"for s in range({size}):"]
    if who not in ("c.mover", "any"):
        lines = [f"q = {who}", "a, b, d = c.mover, c.nxt, c.prev", "if q in (1, 2) and q != a:"]
        lines += ["    c.prev, c.mover, c.nxt = a, q, a", "x, y, o = c.what, c.who, c.frm", f"for s in range({size}):"]
        owner = "y[s] == q"
    if specific is None and name is not None:
        test = f"x[s] in {g.const(frozenset(kinds), 'S')} and "
    lines += [f"    if {owner} and {test}x[s]:", "        c.frm = s", f"        {call}", "c.frm = o"]
    if who not in ("c.mover", "any"):
        lines += ["c.mover, c.nxt, c.prev = a, b, d"]
    return define_moves(g, t, lines)


def _mover_of(g: Gen, t: Term) -> str:
    role = argument(t, "who")
    if role is not None and role.type == "Role" and str(role.literal) in ("All", "Each"):
        return "any"
    return g.who(t, "who")


@emits("moves:forEach Site")
def emit_each_site(g: Gen, t: Term) -> str:
    sites, _ = g.fresh({}, lambda: g.arg(t, "region"))
    made = g.moves(need(t, "moves"))
    lines = [
        "o, p, n = c.site, c.to, len(out)",
        f"for s in list({sites}):",
        "    c.site = c.to = s",
        f"    {made}(c, out, th)",
        "c.site, c.to = o, p",
    ]
    other = argument(t, "noMoveYet")
    if other is not None:
        lines += ["if len(out) == n:", f"    {g.moves(other)}(c, out, th)"]
    return define_moves(g, t, lines)


@emits("moves:forEach Value")
def emit_each_value(g: Gen, t: Term) -> str:
    if "ints" in t.args:
        values = g.fresh({}, lambda: f"list({g.arg(t, 'ints')})")[0]
    else:
        values = g.fresh({}, lambda: f"range({g.arg(t, 'min')}, {g.arg(t, 'max')} + 1)")[0]
    made = g.moves(need(t, "moves"))
    lines = ["o = c.value", f"for v in {values}:", "    c.value = v", f"    {made}(c, out, th)"]
    return define_moves(g, t, [*lines, "c.value = o"])


@emits("moves:forEach Player")
def emit_each_player(g: Gen, t: Term) -> str:
    made = g.moves(need(t, "moves"))
    lines = ["o = c.player", f"for v in range(1, {PLAYERS + 1}):", "    c.player = v", f"    {made}(c, out, th)"]
    return define_moves(g, t, [*lines, "c.player = o"])


@emits("moves:forEach Direction")
def emit_each_direction(g: Gen, t: Term) -> str:
    origin, to, between = argument(t, "from"), argument(t, "to"), argument(t, "between")
    if between is not None and (set(between.args) - {"if", "range"}):
        raise refuse(between, "this between is not played by this engine here", "unsupported")
    if origin is not None and (set(origin.args) - {"region"}):
        raise refuse(origin, "this from is not played by this engine here", "unsupported")
    start = g.fresh({}, lambda: g.arg(origin, "region") if origin is not None and "region" in origin.args else "c.frm")[
        0
    ]
    rays, _ = g.fresh({"frm": "f"}, lambda: rays_at(g, direction_term(t), "f"))
    if to is not None and to.type == "moves":
        inner, test = g.moves(to), "True"
    else:
        assert to is not None
        _, effect = effect_of(to)
        if effect is None:
            raise refuse(to, "(forEach Direction ...) has (to ... (apply ...))", "unsupported")
        inner = g.moves(effect)
        test = g.fresh({"to": "t", "frm": "f"}, lambda: g.optional(to, "if", "True"))[0]
    low, high, go = "1", "1", "True"
    if between is not None:
        from .emit_places import bounds

        if "range" in between.args:
            low, high = g.fresh({}, lambda: bounds(g, need(between, "range")))[0]
        go = g.fresh({"between": "t", "to": "t", "frm": "f"}, lambda: g.optional(between, "if", "True"))[0]
    lines = ["o, p, q = c.frm, c.to, c.between", f"f = {start}", "if f < 0: return", "c.frm = f", f"for ray in {rays}:"]
    lines += ["    for k, t in enumerate(ray, 1):", f"        if k > {high}: break", "        c.to = c.between = t"]
    lines += [
        f"        if k >= {low} and {test}:",
        f"            {inner}(c, out, th)",
        "            c.frm, c.to = f, t",
    ]
    lines += [f"        if not ({go}): break"]
    return define_moves(g, t, [*lines, "c.frm, c.to, c.between = o, p, q"])


@emits("moves:forEach Group")
def emit_each_group(g: Gen, t: Term) -> str:
    near = neighbors(g, argument(t, "Direction"))
    condition = argument(t, "if")
    test = g.function(condition) if condition is not None else "None"
    outside, g.in_group = g.in_group, True
    made = g.moves(need(t, "moves"))
    g.in_group = outside
    lines = [
        "o = c.region",
        f"for found in groups(c, {near}, {test}):",
        "    c.region = found",
        f"    {made}(c, out, th)",
    ]
    return define_moves(g, t, [*lines, "c.region = o"])
