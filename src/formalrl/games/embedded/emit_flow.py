"""How combinations of moves and effects on the state are written."""

from .aim import direction_term, rays_at, steps_at
from .boards import argument, listed, need, refuse, word
from .checker import Term
from .emit_moves import define_moves, effect_of, indent
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
    lines = ["e = []", f"{inner}(c, e, ())", "if e:", "    acts, thens = gathered(e)"]
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
    lines: list[str] = []
    if second is None:
        lines += ["e = []", f"{g.moves(first)}(c, e, th)"]
    else:
        lines += ["e = []", f"do_then(c, e, {g.moves(first)}, {g.moves(second)}, th)"]
    if after is None:
        return define_moves(g, t, [*lines, "out.extend(e)"])
    test = g.function(after)
    return define_moves(g, t, [*lines, f"filter_after(c, out, e, {test})"])


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
    lines = ["o, n = c.site, len(out)", f"for s in list({sites}):", "    c.site = s", f"    {made}(c, out, th)", "c.site = o"]
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
    lines = ["o = c.value", f"for v in {values}:", "    spend(c, 1)", "    c.value = v", f"    {made}(c, out, th)"]
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
    start = g.fresh({}, lambda: g.arg(origin, "region") if origin is not None and "region" in origin.args else "c.frm")[0]
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
        from .emit_regions import bounds

        if "range" in between.args:
            low, high = g.fresh({}, lambda: bounds(g, need(between, "range")))[0]
        go = g.fresh({"between": "t", "to": "t", "frm": "f"}, lambda: g.optional(between, "if", "True"))[0]
    lines = ["o, p, q = c.frm, c.to, c.between", f"f = {start}", "if f < 0: return", "c.frm = f", f"for ray in {rays}:"]
    lines += ["    for k, t in enumerate(ray, 1):", f"        if k > {high}: break", "        c.to = c.between = t"]
    lines += [f"        if k >= {low} and {test}:", f"            {inner}(c, out, th)", "            c.frm, c.to = f, t"]
    lines += [f"        if not ({go}): break"]
    return define_moves(g, t, [*lines, "c.frm, c.to, c.between = o, p, q"])


@emits("moves:forEach Group")
def emit_each_group(g: Gen, t: Term) -> str:
    near = neighbors(g, argument(t, "Direction"))
    condition = argument(t, "if")
    test = g.function(condition) if condition is not None else "None"
    made = g.moves(need(t, "moves"))
    lines = ["o = c.region", f"for found in groups(c, {near}, {test}):", "    c.region = found", f"    {made}(c, out, th)"]
    return define_moves(g, t, [*lines, "c.region = o"])


def _simple(g: Gen, t: Term, build: "list[str]") -> str:
    return define_moves(g, t, build)


@emits("moves:moveAgain")
def emit_again(g: Gen, t: Term) -> str:
    return define_moves(g, t, ["out.append((-1, -1, ((NEXT, c.mover),), th))"])


@emits("moves:set NextPlayer", "moves:move Set NextPlayer")
def emit_next(g: Gen, t: Term) -> str:
    who = g.fresh({}, lambda: g.who(t, "who"))[0]
    return define_moves(g, t, [f"out.append((-1, -1, ((NEXT, {who}),), th))"])


@emits("moves:addScore", "moves:set Score")
def emit_score(g: Gen, t: Term) -> str:
    action = "SCORE" if t.key == "addScore" else "SET_SCORE"
    roles = listed(t, "Role")
    if roles:
        scores = listed(t, "int")
        if len(roles) != len(scores):
            raise refuse(t, "as many scores as players, please", "argument")
        pairs = g.fresh({}, lambda: [(g.role(r), g.expr(s)) for r, s in zip(roles, scores, strict=True)])[0]
        acts = "".join(f"({action}, {r}, {s}), " for r, s in pairs)
    else:
        who, score = g.fresh({}, lambda: (g.who(t, "who"), g.arg(t, "score")))[0]
        acts = f"({action}, {who}, {score}),"
    return define_moves(g, t, [f"out.append((-1, -1, ({acts}), th))"])


@emits("moves:set Count", "moves:set State", "moves:set Value")
def emit_set_site(g: Gen, t: Term) -> str:
    g.own_type(t)
    g.features.add("full")
    if "level" in t.args:
        raise refuse(t, "levels of stacks are not played by this engine", "unsupported")
    if t.key == "set Value" and "who" in t.args:
        who, value = g.fresh({}, lambda: (g.who(t, "who"), g.arg(t, "value")))[0]
        return define_moves(g, t, [f"out.append((-1, -1, ((PLAYER_VALUE, {who}, {value}),), th))"])
    label, action = {
        "set Count": ("count", "SET_COUNT"),
        "set State": ("state", "SET_STATE"),
        "set Value": ("value", "SET_VALUE"),
    }[t.key]
    site, value = g.fresh({}, lambda: (g.arg(t, "at"), g.arg(t, label)))[0]
    return define_moves(g, t, [f"t = {site}", f"if t >= 0: out.append((t, t, (({action}, t, {value}),), th))"])


@emits("moves:set Counter")
def emit_counter(g: Gen, t: Term) -> str:
    value = g.fresh({}, lambda: g.optional(t, "value", "-1"))[0]
    return define_moves(g, t, [f"out.append((-1, -1, ((COUNTER, {value}),), th))"])


@emits("moves:set Var")
def emit_var(g: Gen, t: Term) -> str:
    value = g.fresh({}, lambda: g.arg(t, "value"))[0]
    return define_moves(g, t, [f"out.append((-1, -1, ((VAR, {word(t, 'name')!r}, {value}),), th))"])


@emits("moves:set Pending")
def emit_pending(g: Gen, t: Term) -> str:
    value = argument(t, "value")
    if value is None:
        code = "(1,)"
    else:
        code = g.fresh({}, lambda: f"tuple({g.expr(value)})" if value.type == "region" else f"({g.expr(value)},)")[0]
    return define_moves(g, t, [f"out.append((-1, -1, ((PENDING, {code}),), th))"])


@emits("moves:remember Value")
def emit_remember(g: Gen, t: Term) -> str:
    value = need(t, "value")
    code = g.fresh({}, lambda: f"tuple({g.expr(value)})" if value.type == "region" else f"({g.expr(value)},)")[0]
    unique = g.fresh({}, lambda: g.optional(t, "unique", "False"))[0]
    return define_moves(g, t, [f"out.append((-1, -1, ((REMEMBER, {word(t, 'name')!r}, {code}, {unique}),), th))"])


@emits("moves:forget Value")
def emit_forget(g: Gen, t: Term) -> str:
    which = need(t, "which")
    name = repr(word(t, "name")) if "name" in t.args else "None"
    code = "None" if which.type == "Every" else g.fresh({}, lambda: g.expr(which))[0]
    return define_moves(g, t, [f"out.append((-1, -1, ((FORGET, {name}, {code}),), th))"])


@emits("moves:trigger")
def emit_trigger(g: Gen, t: Term) -> str:
    who = g.fresh({}, lambda: g.who(t, "who"))[0]
    return define_moves(g, t, [f"out.append((-1, -1, ((TRIGGER, {word(t, 'event')!r}, {who}),), th))"])


@emits("moves:note")
def emit_note(g: Gen, t: Term) -> str:
    return define_moves(g, t, ["out.append((-1, -1, ((NOTHING, -1),), th))"])


def _captured(g: Gen, t: Term) -> tuple[str, str, str, str, str]:
    """Return start, target test, friend test, effect and limit of a capture between pieces."""
    origin, between, to = argument(t, "from"), argument(t, "between"), argument(t, "to")
    start = g.fresh({}, lambda: g.optional(origin, "region", "c.last_to") if origin is not None else "c.last_to")[0]
    name = g.name("k")
    target = g.fresh({}, lambda: g.optional(between, "if", "(c.who[c.between] == 3 - c.mover)") if between else "")[0]
    target = target or "(c.who[c.between] == 3 - c.mover)"
    g.define(f"{name}_target", "c, s", ["c.between = s", f"return {target}"])
    friend = g.fresh({}, lambda: g.optional(to, "if", "(c.who[c.to] == c.mover)") if to is not None else "")[0]
    friend = friend or "(c.who[c.to] == c.mover)"
    g.define(f"{name}_friend", "c, s", ["c.to = s", f"return {friend}"])
    _, effect = effect_of(between)
    made = g.moves(effect) if effect is not None else "remove_between"
    limit = "1000"
    if between is not None and "range" in between.args:
        from .emit_regions import bounds

        limit = g.fresh({}, lambda: bounds(g, need(between, "range"))[1])[0]
    for label in ("before", "after"):
        if between is not None and label in between.args:
            raise refuse(between, f"{label}: is not played by this engine here", "unsupported")
    return start, f"{name}_target", f"{name}_friend", made, limit


@emits("moves:custodial")
def emit_custodial(g: Gen, t: Term) -> str:
    start, target, friend, made, limit = _captured(g, t)
    rays = g.fresh({}, lambda: rays_at(g, direction_term(t), "f"))[0]
    lines = [f"f = {start}", "if f < 0: return"]
    return define_moves(g, t, [*lines, f"custodial(c, out, th, f, {rays}, {target}, {friend}, {made}, {limit})"])


@emits("moves:intervene")
def emit_intervene(g: Gen, t: Term) -> str:
    origin, to = argument(t, "from"), argument(t, "to")
    start = g.fresh({}, lambda: g.optional(origin, "region", "c.last_to") if origin is not None else "c.last_to")[0]
    between = argument(t, "between")
    limit = "1"
    if between is not None:
        raise refuse(between, "(intervene (between ...)) is not played by this engine", "unsupported")
    test = g.fresh({}, lambda: g.optional(to, "if", "(c.who[c.to] == 3 - c.mover)") if to is not None else "")[0]
    name = g.define(g.name("k"), "c, s", ["c.to = s", f"return {test or '(c.who[c.to] == 3 - c.mover)'}"])
    _, effect = effect_of(to)
    made = g.moves(effect) if effect is not None else "remove_to"
    lines_name = g.const(g.namespace["LineTable"](g.eq.topology, word(t, "Absolute", "Adjacent")), "L")
    lines = [f"f = {start}", "if f < 0: return"]
    return define_moves(g, t, [*lines, f"intervene(c, out, th, {lines_name}[f], {name}, {made}, {limit})"])


@emits("moves:surround")
def emit_surround(g: Gen, t: Term) -> str:
    if "with" in t.args:
        raise refuse(t, "(surround with:...) is not played by this engine", "unsupported")
    start, target, friend, made, _ = _captured(g, t)
    relation = word(t, "Relation", "Adjacent")
    near = g.define(g.name("n"), "c, s", [f"return {g.const(g.eq.topology.targets(relation), 'T')}[s]"])
    spare = g.fresh({}, lambda: g.optional(t, "except", "0"))[0]
    lines = [f"f = {start}", "if f < 0: return"]
    return define_moves(g, t, [*lines, f"surround(c, out, th, f, {near}, {target}, {friend}, {made}, {spare})"])


@emits("moves:enclose")
def emit_enclose(g: Gen, t: Term) -> str:
    g.own_type(t)
    start, target, _, made, _ = _captured(g, t)
    near = neighbors(g, direction_term(t))
    spare = g.fresh({}, lambda: g.optional(t, "numException", "0"))[0]
    lines = [f"f = {start}", "if f < 0: return"]
    return define_moves(g, t, [*lines, f"enclose(c, out, th, f, {near}, {target}, {made}, {spare})"])


@emits("moves:directional")
def emit_directional(g: Gen, t: Term) -> str:
    raise refuse(t, "(directional ...) is not played by this engine", "unsupported")


@emits("moves:push")
def emit_push(g: Gen, t: Term) -> str:
    origin = argument(t, "from")
    start = g.fresh({}, lambda: g.optional(origin, "region", "c.last_to") if origin is not None else "c.last_to")[0]
    rays = g.fresh({}, lambda: rays_at(g, direction_term(t), "f"))[0]
    return define_moves(g, t, [f"f = {start}", "if f < 0: return", f"push(c, out, th, f, {rays})"])


@emits("moves:sow")
def emit_sow(g: Gen, t: Term) -> str:
    g.own_type(t)
    g.features.add("full")
    if not g.eq.tracks:
        raise refuse(t, "sowing needs a track on the board")
    tracks = g.const(tuple(g.eq.tracks), "P")

    def text(label: str, default: str) -> str:
        return g.fresh({}, lambda: g.optional(t, label, default))[0]

    def test(label: str) -> str:
        found = argument(t, label)
        return g.function(found) if found is not None else "None"

    def made(label: str) -> str:
        found = argument(t, label)
        return g.moves(found) if found is not None else "None"

    name = repr(word(t, "track")) if "track" in t.args else "None"
    start, owner = text("start", "c.last_to"), text("owner", "None")
    count = g.fresh({}, lambda: g.optional(t, "count", "c.cnt[f]"))[0]
    per_hole = g.function(need(t, "numPerHole")) if "numPerHole" in t.args else "None"
    own = word(t, "includeSelf", "True") == "True"
    functions = ", ".join(test(k) for k in ("if", "origin", "skipIf", "backtracking", "forward"))
    lines = [f"f = {start}", "if f < 0: return", f"q = {count}"]
    call = f"sow(c, out, th, {tracks}, {name}, {owner}, f, q, {per_hole}, {own}, {functions}, {made('apply')}, {made('sowEffect')})"
    return define_moves(g, t, [*lines, call])


@emits("moves:claim", "moves:move Claim")
def emit_claim(g: Gen, t: Term) -> str:
    raise refuse(t, "(claim ...) is not played by this engine", "unsupported")


__all__ = ["indent", "steps_at"]
