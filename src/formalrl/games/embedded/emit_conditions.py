"""How conditions are written."""

from typing import Any, cast

from .boards import argument, listed, need, refuse, word
from .checker import Term
from .emit_values import neighbors, pieces_code
from .gen import Gen, emits


@emits("bool:not")
def emit_not(g: Gen, t: Term) -> str:
    return f"(not {g.arg(t, 'bool')})"


@emits("bool:and", "bool:or")
def emit_logic(g: Gen, t: Term) -> str:
    parts = [need(t, "first"), need(t, "second")] if "first" in t.args else listed(t, "bool")
    return "(" + f" {t.key} ".join(g.expr(p) for p in parts) + ")" if parts else str(t.key == "and")


@emits("bool:is Empty", "bool:is Occupied")
def emit_empty(g: Gen, t: Term) -> str:
    g.own_type(t)
    code = g.arg(t, "int")
    return f"(not {g.at(code, 'what', 1)})" if t.key == "is Empty" else f"({g.at(code, 'what')} != 0)"


@emits("bool:is Mover", "bool:is Next", "bool:is Prev")
def emit_is_player(g: Gen, t: Term) -> str:
    player = {"is Mover": "c.mover", "is Next": "c.nxt", "is Prev": "c.prev"}[t.key]
    return f"({g.who(t, 'who')} == {player})"


@emits("bool:is Enemy")
def emit_enemy(g: Gen, t: Term) -> str:
    return f"({g.who(t, 'who')} == 3 - c.mover)"


@emits("bool:is Friend")
def emit_friend(g: Gen, t: Term) -> str:
    return f"({g.who(t, 'who')} == c.mover)"


@emits("bool:is Active")
def emit_active(g: Gen, t: Term) -> str:
    return "(not c.over)"


@emits("bool:is In")
def emit_in(g: Gen, t: Term) -> str:
    found = need(t, "set")
    if "items" in t.args:
        items = ", ".join(g.expr(item) for item in listed(t, "items"))
        return f"frozenset(({items},)).issubset({g.scan(g.expr(found))})" if items else "True"
    item = g.arg(t, "item") if "item" in t.args else g.var("to")
    if found.key == "sites Empty":
        return f"(not {g.at(item, 'what')} and 0 <= {item} < {g.eq.topology.size})"
    return f"({item} in {g.members(g.expr(found))})"


@emits("bool:is Even", "bool:is Odd")
def emit_parity(g: Gen, t: Term) -> str:
    return f"({g.arg(t, 'int')} % 2 == {0 if t.key == 'is Even' else 1})"


@emits("bool:is Full")
def emit_full(g: Gen, t: Term) -> str:
    return f"(0 not in c.what[:{g.eq.topology.size}])"


@emits("bool:is Pending")
def emit_pending(g: Gen, t: Term) -> str:
    return "bool(c.pending)"


@emits("bool:is Visited")
def emit_visited(g: Gen, t: Term) -> str:
    g.features.add("visited")
    return f"({g.arg(t, 'int')} in c.visited)"


@emits("bool:is Proposed", "bool:is Decided")
def emit_proposed(g: Gen, t: Term) -> str:
    text = repr(word(t, "string"))
    return f"({text} in c.proposed)" if t.key == "is Proposed" else f"(c.decided == {text})"


@emits("bool:is Triggered")
def emit_triggered(g: Gen, t: Term) -> str:
    return f"(({word(t, 'event')!r}, {g.who(t, 'who')}) in c.triggered)"


@emits("bool:is Threatened")
def emit_threatened(g: Gen, t: Term) -> str:
    if "moves" in t.args:
        raise refuse(t, "(is Threatened ... moves) is not played by this engine", "unsupported")
    g.escaped = True
    what = g.optional(t, "what", "None")
    if "in" in t.args:
        sites = g.arg(t, "in")
    elif "at" in t.args:
        sites = f"({g.arg(t, 'at')},)"
    else:
        sites = "None"
    return f"threatened(c, {what}, {sites})"


@emits("bool:is Within")
def emit_within(g: Gen, t: Term) -> str:
    sites = g.arg(t, "in") if "in" in t.args else f"({g.arg(t, 'at')},)"
    return f"within(c, {g.arg(t, 'what')}, {sites})"


@emits("bool:is Related")
def emit_related(g: Gen, t: Term) -> str:
    g.own_type(t)
    table = g.const(g.eq.topology.targets(word(t, "Relation")), "T")
    to = need(t, "to")
    ends = g.expr(to) if to.type == "region" else f"({g.expr(to)},)"
    return f"related({table}, {g.arg(t, 'site')}, {g.scan(ends)})"


@emits("bool:is Line")
def emit_line(g: Gen, t: Term) -> str:
    g.own_type(t)
    direction = word(t, "Absolute", "Adjacent")
    lines = g.const(g.namespace["LineTable"](g.eq.topology, direction), "L")
    pivots = g.arg(t, "throughAny") if "throughAny" in t.args else f"({g.optional(t, 'through', 'c.last_to')},)"
    if "whats" in t.args:
        kinds = "(" + "".join(f"{g.expr(k)}, " for k in listed(t, "whats")) + ")"
    elif "what" in t.args:
        kinds = f"({g.arg(t, 'what')},)"
    elif "who" in t.args:
        owned = tuple(tuple(n for n, k in enumerate(g.eq.components) if n and k.owner == p) for p in range(4))
        kinds = f"{g.const(owned)}[{g.who(t, 'who')}]"
    else:
        kinds = "None"
    flags = f"{g.optional(t, 'exact', 'False')}, {g.optional(t, 'contiguous', 'True')}"
    condition = argument(t, "if")
    g.escaped = g.escaped or condition is not None
    test = g.function(condition) if condition else "None"
    return f"line(c, {lines}, {pivots}, {g.arg(t, 'length')}, {kinds}, {flags}, {test})"


@emits("bool:is Connected")
def emit_connected(g: Gen, t: Term) -> str:
    g.own_type(t)
    near = neighbors(g, argument(t, "Absolute"))
    if "sets" in t.args:
        sets = "(" + "".join(f"{g.members(g.expr(r))}, " for r in listed(t, "sets")) + ")"
    else:
        parts = tuple(_region_parts(g, t, owner) for owner in range(3))
        sets = f"{g.const(parts)}[{g.who(t, 'owner')}]"
    count = g.optional(t, "number", "0")
    return f"connected(c, {near}, {g.optional(t, 'at', 'c.last_to')}, {sets}, {count})"


def _region_parts(g: Gen, t: Term, owner: int) -> tuple[frozenset[int], ...]:
    parts: list[frozenset[int]] = []
    for region in g.eq.regions:
        if owner in region.owners:
            for term in region.terms:
                value: Any = g.namespace.get(g.expr(term))
                if type(value) is not tuple:
                    raise refuse(t, "regions to be connected are fixed sets of sites", "unsupported")
                parts.append(frozenset(cast("tuple[int, ...]", value)))
            if region.sites:
                parts.append(frozenset(region.sites))
    return tuple(parts)


@emits("bool:can Move")
def emit_can_move(g: Gen, t: Term) -> str:
    return f"may_move(c, {g.moves(need(t, 'moves'))})"


@emits("bool:no Moves")
def emit_no_moves(g: Gen, t: Term) -> str:
    role = word(t, "who")
    if role == "Next":
        return "no_moves_next(c)"
    if role not in ("P1", "P2", "Mover", "Prev", "Player"):
        raise refuse(t, f"(no Moves {role}) is not played by this engine", "unsupported")
    return f"c.stale[{g.who(t, 'who')}]"


@emits("bool:all Sites")
def emit_all_sites(g: Gen, t: Term) -> str:
    g.escaped = True
    name = g.name("a")
    sites = g.function(need(t, "region"))
    body, escaped = g.fresh({"site": "s"}, lambda: g.arg(t, "if"))
    lines = ["o = c.site", f"for s in {sites}(c):"]
    if escaped:
        lines.append("    c.site = s")
    lines += [f"    if not {body}:", "        c.site = o", "        return False", "c.site = o", "return True"]
    g.define(name, "c", lines)
    return f"{name}(c)"


@emits("bool:all Passed")
def emit_all_passed(g: Gen, t: Term) -> str:
    g.features.add("all passed")
    return "(c.passes >= 2)"


@emits("bool:was Pass")
def emit_was_pass(g: Gen, t: Term) -> str:
    return "c.last_pass"


@emits("bool:no Pieces")
def emit_nopieces_code(g: Gen, t: Term) -> str:
    return f"(not {pieces_code(g, t, 'any_pieces')})"


def _binary(symbol: str, *keys: str) -> None:
    @emits(*keys)
    def emit(g: Gen, t: Term) -> str:
        return f"({g.arg(t, 'first')} {symbol} {g.arg(t, 'second')})"

    del emit


for _symbol, _key in (("-", "-"), ("*", "*"), ("<", "<"), ("<=", "<="), (">", ">"), (">=", ">=")):
    if _key in "-*":
        continue
    _binary(_symbol, f"bool:{_key}")


@emits("bool:=", "bool:!=")
def emit_equal(g: Gen, t: Term) -> str:
    symbol = "==" if t.key == "=" else "!="
    if need(t, "first").type == "region":
        return f"(set({g.scan(g.arg(t, 'first'))}) {symbol} set({g.scan(g.arg(t, 'second'))}))"
    return f"({g.arg(t, 'first')} {symbol} {g.arg(t, 'second')})"
