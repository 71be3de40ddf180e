"""How moves of pieces are written: generators (c, out, th) that append (from, to, actions, consequences)."""

from .aim import direction_term, rays_at, steps_at
from .boards import argument, need, refuse, word
from .checker import Term
from .emit_places import bounds
from .emit_regions import walk_table
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


def place_of(g: Gen, origin: Term | None, default: str) -> str:
    """Return the site that an effect goes out from."""
    place = argument(origin, "region") if origin is not None else None
    if place is not None and place.type == "region":
        raise refuse(place, "this effect goes out from one site, not from a region")
    return default if place is None else g.fresh({}, lambda: g.expr(place))[0]


def effect_of(to: Term | None) -> tuple[Term | None, Term | None]:
    """Return condition and moves of the (apply ...) of a (to ...) or (between ...)."""
    if to is None:
        return None, None
    effect = argument(to, "apply")
    if effect is None:
        return None, None
    return argument(effect, "if"), argument(effect, "moves")


def plain_remove(g: Gen, effect: Term | None, variable: str) -> bool:
    """Return whether an effect only clears (to) or (between), always or on a condition."""
    if effect is not None and effect.key == "if" and "else" not in effect.args and "after" not in effect.args:
        if variable != "to":
            return False
        effect = need(effect, "then")
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


def opening(start: list[str], first: str) -> list[str]:
    """Return the lines that keep the variables of the rules and check the piece's site."""
    lines = [*start, "o, p, q = c.frm, c.to, c.between", "c.frm = f"]
    return lines if first == "True" else [*lines, f"if not {first}:", "    c.frm = o", "    return"]


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
        first = g.early(lambda when=condition: g.expr(when)) if condition else "True"
        targets = g.early(lambda: steps_at(g, direction_term(t), "f"))
        return first, targets, emit_one(g, effect, effect_if, "to"), test

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
                low, high = g.early(lambda b=between: bounds(g, need(b, "range")))
        first = g.early(lambda when=condition: g.expr(when)) if condition else "True"
        if "track" in t.args:
            tracks = tuple(k for k in g.eq.tracks if k.name == word(t, "track"))
            if not tracks:
                raise refuse(need(t, "track"), f"there is no track {word(t, 'track')!r}")
            rays = f"track_rays(c, {g.const(tracks, 'P')}, f)"
        else:
            rays = g.early(lambda: rays_at(g, direction_term(t), "f"))
        stop = g.optional(to, "if", "False") if to is not None else "False"
        effect_if, effect = effect_of(to)
        rule = g.expr(effect_if) if effect_if is not None else "True"
        if between is None or "if" not in between.args:
            go = "not c.what[t]"
        else:
            go = g.under({"between": "t"}, lambda b=between: g.arg(b, "if"))[0]
        skip = effect is not None and "full" not in g.features and not g.eq.hands and plain_remove(g, effect, "to")
        append = emit_one(g, _skipped(g, effect) if skip else effect, None, "to")
        _, passed = effect_of(between)
        if passed is not None:
            raise refuse(passed, "effects on the sites passed are not played by this engine", "unsupported")
        return first, rays, stop, go, rule, append, ""

    (first, rays, stop, go, rule, append, _), _ = g.fresh({"frm": "f", "to": "t"}, body)
    add = append if rule == "True" else [f"if {rule}:", *indent(append)]
    lines = opening(start, first) + _slide_loop(rays, stop, go, add, low, high)
    return define_moves(g, t, [*lines, "c.frm, c.to, c.between = o, p, q"])


def _skipped(g: Gen, effect: Term | None) -> None:
    """Check an effect that only clears where a piece moves to, and leave it out: the piece replaces what is there."""
    if effect is not None and effect.key == "if":
        g.arg(effect, "condition")


def _slide_loop(rays: str, stop: str, go: str, add: list[str], low: str, high: str) -> list[str]:
    limited = (low, high) != ("0", "1000")
    lines = [f"low, high = {low}, {high}"] if limited else []
    lines += [f"for ray in {rays}:"]
    lines += ["    for k, t in enumerate(ray, 1):", "        if k > high: break"] if limited else ["    for t in ray:"]
    lines += ["        c.to = t"]
    if stop != "False":
        lines += [f"        if {'k >= low and ' if limited else ''}{stop}:", *indent(add, 3), "            break"]
    lines += ["        c.between = t", f"        if not ({go}): break"]
    return lines + (["        if k >= low:", *indent(add, 3)] if limited else indent(add, 2))


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
                low, high = g.early(lambda b=between: _hurdles(g, need(b, "range")))
            before, after = (g.early(lambda k=k, b=between: g.optional(b, k, "0")) for k in ("before", "after"))
            hurdle = g.under({"between": "b", "to": "c.to"}, lambda b=between: g.optional(b, "if", "True"))[0]
        first = g.early(lambda when=condition: g.expr(when)) if condition else "True"
        go = g.optional(to, "if", "True")
        stop = g.expr(stop_if) if stop_if is not None else ""
        rays = g.early(lambda: rays_at(g, direction_term(t), "f"))
        return first, rays, low, high, before, after, hurdle, go, stop

    values, _ = g.fresh({"frm": "f", "to": "t"}, body)
    first, rays, low, high, before, after, hurdle, go, stop = values
    _, passed = effect_of(between)
    go_name = g.define(g.name("h"), "c, f, t", ["c.to = t", f"return {go}"])
    hurdle_name = g.define(g.name("h"), "c, f, b", ["c.between = b", f"return {hurdle}"])
    stop_name = g.define(g.name("h"), "c, f, t", ["c.to = t", f"return {stop}"]) if stop_if is not None else "None"
    side = "REMOVE" if plain_remove(g, passed, "between") else g.moves(passed) if passed is not None else "None"
    at_stop = g.moves(stop_effect) if stop_effect is not None else "None"
    lines = opening(start, first)
    if low == "0":
        targets, _ = g.fresh({"frm": "f"}, lambda: steps_at(g, direction_term(t), "f"))
        lines += [f"hop_none(c, out, th, f, {targets}, {go_name}, {side if side != 'REMOVE' else 'None'})"]
    functions = f"{hurdle_name}, {go_name}, {stop_name}, {side}, {at_stop}"
    if (low, high, before, after) == ("1", "1", "0", "0"):
        lines += [f"hop_one(c, out, th, f, {rays}, {functions})"]
    elif high != "0":
        lines += [f"hop(c, out, th, f, {rays}, {low}, {high}, {before}, {after}, {functions})"]
    return define_moves(g, t, [*lines, "c.frm, c.to, c.between = o, p, q"])


def _hurdles(g: Gen, t: Term) -> tuple[str, str]:
    low, high = bounds(g, t)
    return ("1" if t.key == "max" else low), high


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
        first = g.early(lambda when=condition: g.expr(when)) if condition else "True"
        return first, g.optional(to, "if", "True"), emit_one(g, effect, effect_if, "to")

    (first, test, append), _ = g.fresh({"frm": "f", "to": "t"}, body)
    lines = [*start, "o, p = c.frm, c.to", "c.frm = f"]
    if first != "True":
        lines += [f"if not {first}:", "    c.frm = o", "    return"]
    lines += [f"for t in {table}[f]:", "    c.to = t", f"    if {test}:", *indent(append, 2)]
    return define_moves(g, t, [*lines, "c.frm, c.to = o, p"])
