"""How the start, the phases and the end of a game are written."""

from .boards import argument, listed, need, refuse, word
from .checker import Term
from .gen import Gen

OUTCOMES = ("Win", "Loss", "Draw", "Tie")


def emit_end(g: Gen, t: Term) -> str:
    """Return the name of a function (c) that ends the game when a rule says so."""
    lines: list[str] = []
    for rule in listed(t, "endrule"):
        lines += [f"r = {_rule(g, rule)}(c)", "if r is not None: finish(c, r)", "if c.over: return"]
    return g.define(g.name("e"), "c", lines or ["pass"])


def _result(g: Gen, t: Term) -> str:
    outcome = word(t, "outcome")
    return f"({g.role(need(t, 'who'))}, {outcome!r})"


def _rule(g: Gen, t: Term) -> str:
    if t.key != "if":
        return _for_each(g, t)
    condition = g.fresh({}, lambda: g.arg(t, "condition"))[0]
    lines = [f"if {condition}:"]
    for sub in listed(t, "sub"):
        lines += [f"    r = {_rule(g, sub)}(c)", "    if r is not None or c.over: return r"]
    result = argument(t, "result")
    if result is None and not listed(t, "sub"):
        raise refuse(t, "what is the result?", "argument")
    if result is not None and result.key == "byScore":
        lines += [f"    {_by_score(g, result)}"]
    elif result is not None:
        lines += [f"    return {g.fresh({}, lambda: _result(g, result))[0]}"]
    return g.define(g.name("r"), "c", lines)


def _for_each(g: Gen, t: Term) -> str:
    condition = g.fresh({}, lambda: g.arg(t, "if"))[0]
    result = g.fresh({}, lambda: _result(g, need(t, "result")))[0]
    players = "(1, 2)" if t.key == "forEach Player" else "(3 - c.mover,)"
    lines = [f"for c.player in {players}:", f"    if {condition}:", f"        finish(c, {result})"]
    return g.define(g.name("r"), "c", [*lines, "        if c.over: return", "c.player = -1"])


def _by_score(g: Gen, t: Term) -> str:
    scores = listed(t, "finalscore")
    codes = "".join(
        f"({g.fresh({}, lambda s=s: g.role(need(s, 'who')))[0]}, {g.fresh({}, lambda s=s: g.arg(s, 'value'))[0]}), "
        for s in scores
    )
    return f"by_score(c, ({codes}), {word(t, 'misere') == 'True'})"


def emit_start(g: Gen, t: Term) -> list[str]:
    """Return the names of functions (c) that set up the first position, in order."""
    return [_start_rule(g, rule) for rule in listed(t, "startrule")]


def _start_rule(g: Gen, t: Term) -> str:
    if t.key == "place":
        return _place(g, t)
    if t.key == "set Count":
        g.features.add("full")
        sites = g.arg(t, "to") if "to" in t.args else f"({g.arg(t, 'at')},)"
        return g.define(g.name("s"), "c", [f"fill(c, {sites}, {g.arg(t, 'count')})"])
    if t.key == "set Score":
        role = word(t, "who")
        players = (1, 2) if role in ("Each", "All") else (int(g.role(need(t, "who"))),)
        return g.define(g.name("s"), "c", [f"c.scores[{p}] = {g.arg(t, 'score')}" for p in players])
    if t.key == "set RememberValue":
        value = need(t, "value")
        code = f"list({g.expr(value)})" if value.type == "region" else f"[{g.expr(value)}]"
        return g.define(g.name("s"), "c", [f"c.mem.setdefault({word(t, 'name')!r}, []).extend({code})"])
    raise refuse(t, f"({t.key} ...) at the start is not played by this engine", "unsupported")


def _place(g: Gen, t: Term) -> str:
    g.own_type(t)
    name = word(t, "piece")
    for label in ("state", "value", "count"):
        if label in t.args:
            g.features.add("full")
    count, state, value = (g.optional(t, k, d) for k, d in (("count", "1"), ("state", "-1"), ("value", "-1")))
    container = word(t, "container")
    places = t.args.get("at")
    if (places is None and "coord" not in t.args) or container:
        return _place_in_hand(g, t, name, container, count, state, value)
    piece = g.eq.find(name)
    if not piece:
        raise refuse(need(t, "piece"), f"there is no piece {name!r}")
    if "coord" in t.args:
        sites = f"({_site(g, need(t, 'coord'))},)"
    elif isinstance(places, tuple):
        sites = "(" + "".join(f"{_site(g, p)}, " for p in places if isinstance(p, Term)) + ")"
    else:
        assert isinstance(places, Term)
        sites = g.expr(places) if places.type == "region" else f"({g.expr(places)},)"
    return g.define(g.name("s"), "c", [f"put(c, {piece}, {sites}, {count}, {state}, {value})"])


def _site(g: Gen, t: Term) -> str:
    if t.type != "string":
        return g.expr(t)
    site = g.eq.coordinate(str(t.literal))
    if site is None:
        raise refuse(t, f"there is no site {t.literal}")
    return str(site)


def _place_in_hand(g: Gen, t: Term, name: str, container: str, count: str, state: str, value: str) -> str:
    if "at" in t.args or "coord" in t.args:
        raise refuse(t, "a place in a container is not played by this engine", "unsupported")
    lines: list[str] = []
    g.features.add("full")
    if container == "Hand":
        for owner in (1, 2, 3):
            piece = g.eq.find(f"{name}{owner}") or (g.eq.find(name) if owner == 3 else 0)
            if piece and owner in g.eq.hands:
                lines.append(f"put_in_hand(c, {piece}, {tuple(g.eq.hands[owner])}, {count}, {state}, {value})")
    else:
        for owner in (1, 2, 3):
            piece = g.eq.find(name)
            if container == f"Hand{owner}" and owner in g.eq.hands and piece:
                lines.append(f"put_in_hand(c, {piece}, {tuple(g.eq.hands[owner])}, {count}, {state}, {value})")
    if not lines:
        raise refuse(t, f"there is no piece {name!r} with a place {container!r}")
    return g.define(g.name("s"), "c", lines)
