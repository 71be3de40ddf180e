"""How moves of pieces are written: generators (c, out, th) that append (from, to, actions, consequences)."""

from .aim import direction_term, names_of, rays_at, steps_at
from .boards import argument, listed, need, refuse, word
from .checker import Term
from .emit_regions import bounds, walk_table
from .gen import Gen, emits


def indent(lines: list[str], by: int = 1) -> list[str]:
    """Return lines moved to the right."""
    return ["    " * by + line for line in lines]


def move_action(g: Gen) -> str:
    """Return the action that moves a piece, the plain one where the game allows it."""
    return "MOVE"


def start_of(g: Gen, t: Term) -> tuple[list[str], Term | None]:
    """Return the lines that set f, the piece's site, and the condition on it."""
    origin = argument(t, "from")
    if origin is None:
        return ["f = c.frm"], None
    g.own_type(origin)
    if "level" in origin.args:
        raise refuse(origin, "levels of stacks are not played by this engine", "unsupported")
    region = argument(origin, "region")
    if region is not None and region.type == "region":
        raise refuse(region, "pieces move from one site here; use (forEach Site ...)", "unsupported")
    place = g.expr(region) if region is not None else "c.frm"
    return [f"f = {place}", f"if not 0 <= f < {g.eq.size}: return"], argument(origin, "if")


def effect_of(to: Term | None) -> tuple[Term | None, Term | None]:
    """Return condition and moves of the (apply ...) of a (to ...) or (between ...)."""
    if to is None:
        return None, None
    effect = argument(to, "effect") or argument(to, "apply")
    if effect is None:
        return None, None
    return argument(effect, "if"), argument(effect, "moves")


def plain_remove(g: Gen, effect: Term | None, variable: str) -> bool:
    """Return whether an effect only clears (to) or (between), always or on a condition."""
    if effect is not None and effect.key == "if" and "else" not in effect.args and "after" not in effect.args:
        effect = need(effect, "then")
        if variable != "to":
            return False
    if effect is None or effect.key != "remove" or set(effect.args) != {"region"}:
        return False
    return need(effect, "region").key == variable


def emit_one(g: Gen, effect: Term | None, effect_if: Term | None, variable: str, before: str = "") -> list[str]:
    """Return the lines that append the move f -> t with its effect, inside a loop; th is what follows."""
    move = f"({move_action(g)}, f, t)"
    if effect is None:
        return [f"out.append((f, t, ({before}{move},), th))"]
    if plain_remove(g, effect, variable) and effect_if is None and effect.key == "remove":
        return [f"out.append((f, t, ({before}(REMOVE, {variable[0]}), {move},), th))"]
    generator = g.moves(effect)
    lines = ["e = []", f"{generator}(c, e, ())", f"out.append(chained(e, f, t, {move}, th))"]
    if effect_if is None:
        return lines
    condition = g.expr(effect_if)
    otherwise = [f"out.append((f, t, ({move},), th))"]
    return [f"if {condition}:", *indent(lines), "else:", *indent(otherwise)]


def define_moves(g: Gen, t: Term, lines: list[str]) -> str:
    """Add a generator with a term's own consequence in front."""
    return g.define(g.name("m"), "c, out, th", g.following(t) + lines)


@emits("moves:move Step", "moves:step")
def emit_step(g: Gen, t: Term) -> str:
    start, condition = start_of(g, t)
    to = need(t, "to")
    g.own_type(to)
    if "region" in to.args:
        raise refuse(to, "a step goes to (to if:...)", "unsupported")

    def body() -> tuple[str, str, list[str], str]:
        test = g.optional(to, "if", "True")
        effect_if, effect = effect_of(to)
        first = g.expr(condition) if condition else "True"
        return first, steps_at(g, direction_term(t), "f"), emit_one(g, effect, effect_if, "to"), test

    (first, targets, append, test), _ = g.fresh({"frm": "f", "to": "t"}, body)
    lines = [*start, "o, p = c.frm, c.to", "c.frm = f"]
    if first != "True":
        lines += [f"if not {first}:", "    c.frm = o", "    return"]
    lines += [f"for t in {targets}:", "    c.to = t"]
    if test != "True":
        lines += [f"    if {test}:", *indent(append, 2)]
    else:
        lines += indent(append)
    return define_moves(g, t, [*lines, "c.frm, c.to = o, p"])


@emits("moves:move Slide", "moves:slide")
def emit_slide(g: Gen, t: Term) -> str:
    start, condition = start_of(g, t)
    to, between = argument(t, "to"), argument(t, "between")
    if to is not None and "region" in to.args:
        raise refuse(to, "a slide goes to (to if:...)", "unsupported")
    low, high = "0", "1000"

    def body() -> tuple[str, str, str, str, str, list[str], str]:
        nonlocal low, high
        if between is not None:
            _between_limits(between)
            if "range" in between.args:
                low, high = bounds(g, need(between, "range"))
        first = g.expr(condition) if condition else "True"
        if "track" in t.args:
            tracks = tuple(k for k in g.eq.tracks if k.name == word(t, "track"))
            if not tracks:
                raise refuse(need(t, "track"), f"there is no track {word(t, 'track')!r}")
            rays = f"track_rays({g.const(tracks, 'P')}, f)"
        else:
            rays = rays_at(g, direction_term(t), "f")
        stop = g.optional(to, "if", "False") if to is not None else "False"
        effect_if, effect = effect_of(to)
        rule = g.expr(effect_if) if effect_if is not None else "True"
        if between is None or "if" not in between.args:
            go = "not c.what[t]"
        else:
            go = g.under({"between": "t"}, lambda: g.arg(between, "if"))[0]
        skip = effect is not None and "full" not in g.features and not g.eq.hands and plain_remove(g, effect, "to")
        append = emit_one(g, None if skip else effect, None, "to")
        _, passed = effect_of(between)
        if passed is not None:
            raise refuse(passed, "effects on the sites passed are not played by this engine", "unsupported")
        return first, rays, stop, go, rule, append, ""

    (first, rays, stop, go, rule, append, _), _ = g.fresh({"frm": "f", "to": "t"}, body)
    add = append if rule == "True" else [f"if {rule}:", *indent(append)]
    lines = [*start, "o, p, q = c.frm, c.to, c.between", "c.frm = f"]
    if first != "True":
        lines += [f"if not {first}:", "    c.frm = o", "    return"]
    lines += [f"low, high = {low}, {high}"] if (low, high) != ("0", "1000") else []
    limited = (low, high) != ("0", "1000")
    lines += [f"for ray in {rays}:"]
    lines += ["    for k, t in enumerate(ray, 1):", "        if k > high: break"] if limited else ["    for t in ray:"]
    lines += ["        c.to = t"]
    if stop != "False":
        lines += [f"        if {'k >= low and ' if limited else ''}{stop}:", *indent(add, 3), "            break"]
    lines += ["        c.between = t", f"        if not ({go}): break"]
    lines += ["        if k >= low:", *indent(add, 3)] if limited else indent(add, 2)
    return define_moves(g, t, [*lines, "c.frm, c.to, c.between = o, p, q"])


def _between_limits(between: Term) -> None:
    for label in ("before", "after"):
        if label in between.args:
            raise refuse(between, f"a slide has no {label}:", "argument")


@emits("moves:move Hop", "moves:hop")
def emit_hop(g: Gen, t: Term) -> str:
    start, condition = start_of(g, t)
    to, between = need(t, "to"), argument(t, "between")
    if "region" in to.args:
        raise refuse(to, "a hop goes to (to if:...)", "unsupported")
    stop_if, stop_effect = effect_of(to)

    def body() -> tuple[str, ...]:
        low, high = "1", "1"
        before = after = "0"
        hurdle = "True"
        if between is not None:
            if "range" in between.args:
                low, high = bounds(g, need(between, "range"))
            before, after = g.optional(between, "before", "0"), g.optional(between, "after", "0")
            hurdle = g.under({"between": "b"}, lambda: g.optional(between, "if", "True"))[0]
        first = g.expr(condition) if condition else "True"
        go = g.optional(to, "if", "True")
        stop = g.expr(stop_if) if stop_if is not None else ""
        return first, rays_at(g, direction_term(t), "f"), low, high, before, after, hurdle, go, stop

    values, _ = g.fresh({"frm": "f", "to": "t"}, body)
    first, rays, low, high, before, after, hurdle, go, stop = values
    _, passed = effect_of(between)
    hop = g.name("h")
    go_name, hurdle_name = f"{hop}_go", f"{hop}_over"
    g.define(go_name, "c, f, t", ["c.to = t", f"return {go}"])
    g.define(hurdle_name, "c, f, b", ["c.between = b", f"return {hurdle}"])
    stop_name = "None"
    if stop_if is not None:
        stop_name = g.define(f"{hop}_stop", "c, f, t", ["c.to = t", f"return {stop}"])
    side = "REMOVE" if plain_remove(g, passed, "between") else g.moves(passed) if passed is not None else "None"
    at_stop = g.moves(stop_effect) if stop_effect is not None else "None"
    lines = [*start, "o, p, q = c.frm, c.to, c.between", "c.frm = f"]
    if first != "True":
        lines += [f"if not {first}:", "    c.frm = o", "    return"]
    zero = low == "0"
    if zero:
        targets, _ = g.fresh({"frm": "f"}, lambda: steps_at(g, direction_term(t), "f"))
        lines += [f"hop_none(c, out, th, f, {targets}, {go_name}, {side if side != 'REMOVE' else 'None'})"]
    functions = f"{hurdle_name}, {go_name}, {stop_name}, {side}, {at_stop}"
    if (low, high, before, after) == ("1", "1", "0", "0"):
        lines += [f"hop_one(c, out, th, f, {rays}, {functions})"]
    elif high != "0":
        lines += [f"hop(c, out, th, f, {rays}, {low}, {high}, {before}, {after}, {functions})"]
    return define_moves(g, t, [*lines, "c.frm, c.to, c.between = o, p, q"])


@emits("moves:move Leap")
def emit_leap(g: Gen, t: Term) -> str:
    for label in ("forward", "rotations"):
        if label in t.args:
            raise refuse(t, f"(move Leap {label}:...) is not played by this engine", "unsupported")
    start, condition = start_of(g, t)
    to = need(t, "to")
    table = walk_table(g, t)

    def body() -> tuple[str, str, list[str]]:
        effect_if, effect = effect_of(to)
        first = g.expr(condition) if condition else "True"
        return first, g.optional(to, "if", "True"), emit_one(g, effect, effect_if, "to")

    (first, test, append), _ = g.fresh({"frm": "f", "to": "t"}, body)
    lines = [*start, "o, p = c.frm, c.to", "c.frm = f"]
    if first != "True":
        lines += [f"if not {first}:", "    c.frm = o", "    return"]
    lines += [f"for t in {table}[f]:", "    c.to = t", f"    if {test}:", *indent(append, 2)]
    return define_moves(g, t, [*lines, "c.frm, c.to = o, p"])


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
    if "level" in origin.args or to is not None and ("level" in to.args or argument(to, "apply") or argument(to, "effect")):
        raise refuse(t, "this kind of selection is not played by this engine", "unsupported")
    starts, _ = g.fresh({}, lambda: _sites(g, origin) if "region" in origin.args else "(c.frm,)")

    def body() -> tuple[str, str, str]:
        first = g.optional(origin, "if", "True")
        if to is None:
            return first, "", ""
        return first, _sites(g, to) if "region" in to.args else "(f,)", g.optional(to, "if", "True")

    (first, ends, test), _ = g.fresh({"frm": "f", "to": "t" if to is not None else "f"}, body)
    lines = ["o, p = c.frm, c.to", f"for f in {starts}:", "    if f < 0: continue", "    c.frm = c.to = f"]
    if first != "True":
        lines += [f"    if not {first.replace(' t ', ' f ')}: continue"]
    if to is None:
        lines += ["    out.append((f, f, ((NOTHING, f),), th))"]
    else:
        lines += [f"    for t in {ends}:", "        if t < 0: continue", "        c.to = t"]
        lines += [f"        if {test}:", "            out.append((f, t, ((NOTHING, f),), th))"]
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
        lines += ["        e = []", f"        {generator}(c, e, ())", f"        out.append(chained(e, t, t, {action}, th))"]
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
            go = g.under({"between": "t"}, lambda: g.arg(between, "if"))[0]
        test = g.optional(to, "if", "True") if to is not None else "not c.what[t]"
        return rays_at(g, direction_term(t), "f"), go, test

    (rays, go, test), _ = g.fresh({"frm": "f", "to": "t"}, body)
    what, _ = g.fresh({}, lambda: pieces(g, need(t, "what")))
    if condition is not None:
        raise refuse(condition, "a condition on (from) is not played by this engine here", "unsupported")
    lines = [*start, f"k = {what[0]}", "w = OWNER[k]", "o, p = c.frm, c.to", "c.frm = f", f"for ray in {rays}:"]
    lines += ["    for t in ray:", "        c.to = c.between = t", f"        if not ({go}): break", f"        if {test}:"]
    lines += ["            out.append((f, t, ((ADD, t, k, w),), th))", "c.frm, c.to = o, p"]
    return define_moves(g, t, lines)


__all__ = ["define_moves", "effect_of", "indent", "listed", "names_of", "plain_remove", "start_of"]
