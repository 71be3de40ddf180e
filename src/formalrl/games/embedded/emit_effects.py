"""How effects on the state, captures and sowing are written."""

import math

from .aim import direction_term, rays_at, steps_at
from .boards import argument, listed, need, refuse, word
from .checker import Term, Value
from .emit_moves import define_moves, effect_of, indent, place_of
from .emit_values import neighbors
from .gen import Gen, emits
from .topology import Topology


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
    for label in ("message", "to"):  # for human eyes; a random player does not read
        argument(t, label)
    return define_moves(g, t, ["out.append((-1, -1, ((NOTHING, -1),), th))"])


def _captured(g: Gen, t: Term) -> tuple[str, str, str, str, str]:
    """Return start, target test, friend test, effect and limit of a capture between pieces."""
    origin, between, to = argument(t, "from"), argument(t, "between"), argument(t, "to")
    start = place_of(g, origin, "c.last_to")
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
        from .emit_places import bounds

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
    start = place_of(g, origin, "c.last_to")
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
    lines = [f"f = {start}", "if f < 0: return"]
    if _mentions(argument(t, "between"), "is Empty"):
        if "numException" in t.args:
            raise refuse(t, "numException: with empty sites is not played by this engine", "unsupported")
        anyway = g.const(_clockwise(g.eq.topology), "T")
        return define_moves(g, t, [*lines, f"enclose_area(c, out, th, f, {near}, {anyway}, {target}, {made})"])
    spare = g.fresh({}, lambda: g.optional(t, "numException", "0"))[0]
    return define_moves(g, t, [*lines, f"enclose(c, out, th, f, {near}, {target}, {made}, {spare})"])


def _clockwise(topology: Topology) -> tuple[tuple[int, ...], ...]:
    """Return the neighbors of each site, clockwise from north."""
    points = topology.points

    def angle(a: int, b: int) -> float:
        return math.atan2(points[b][0] - points[a][0], points[b][1] - points[a][1]) % (2 * math.pi)

    return tuple(tuple(sorted(row, key=lambda t: angle(s, t))) for s, row in enumerate(topology.targets("All")))


def _mentions(between: Term | None, key: str) -> bool:
    """Return whether the condition of a (between ...) holds an expression of a form."""
    stack: list[Value] = [between.args["if"]] if between is not None and "if" in between.args else []
    while stack:
        value = stack.pop()
        if isinstance(value, Term):
            if value.key == key:
                return True
            stack.extend(value.args.values())
        else:
            stack.extend(value)
    return False


@emits("moves:directional")
def emit_directional(g: Gen, t: Term) -> str:
    raise refuse(t, "(directional ...) is not played by this engine", "unsupported")


@emits("moves:push")
def emit_push(g: Gen, t: Term) -> str:
    origin = argument(t, "from")
    start = place_of(g, origin, "c.last_to")
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
    rule = g.name("W")
    made_by = f"{made('apply')}, {made('sowEffect')}"
    g.source.append(f"{rule} = SowRule({tracks}, {name}, {per_hole}, {own}, {functions}, {made_by})")
    lines = [f"f = {start}", "if f < 0: return", f"q = {count}"]
    call = f"sow(c, out, th, {rule}, {owner}, f, q)"
    return define_moves(g, t, [*lines, call])


@emits("moves:claim", "moves:move Claim")
def emit_claim(g: Gen, t: Term) -> str:
    raise refuse(t, "(claim ...) is not played by this engine", "unsupported")


__all__ = ["indent", "steps_at"]
