"""How numbers and lists of numbers are written."""

from .aim import direction_term, steps_at
from .boards import argument, listed, need, refuse, word
from .checker import Term
from .gen import Gen, emits


def neighbors(g: Gen, directions: Term | None) -> str:
    """Return the name of a function (c, site) that gives the sites one step away."""
    name = g.name("n")
    code, _ = g.fresh({}, lambda: steps_at(g, directions, "s"))
    return g.define(name, "c, s", [f"return {code}"])


@emits("int:+", "int:*")
def emit_sum(g: Gen, t: Term) -> str:
    if "first" in t.args:
        return f"({g.arg(t, 'first')} {t.key} {g.arg(t, 'second')})"
    parts = listed(t, "int")
    if t.key == "+" and len(parts) == 1 and parts[0].type == "ints":
        return f"sum({g.expr(parts[0])})"
    return "(" + f" {t.key} ".join(g.expr(p) for p in parts) + ")" if parts else "0"


@emits("int:-")
def emit_minus(g: Gen, t: Term) -> str:
    if "int" in t.args:
        return f"(-{g.arg(t, 'int')})"
    return f"({g.arg(t, 'first')} - {g.arg(t, 'second')})"


@emits("int:/", "int:%", "int:^")
def emit_arithmetic(g: Gen, t: Term) -> str:
    function = {"/": "divide", "%": "modulo", "^": "power"}[t.key]
    return f"{function}({g.arg(t, 'first')}, {g.arg(t, 'second')})"


@emits("int:abs")
def emit_abs(g: Gen, t: Term) -> str:
    return f"abs({g.arg(t, 'int')})"


@emits("int:max", "int:min")
def emit_extreme(g: Gen, t: Term) -> str:
    if "ints" in t.args:
        return f"{t.key}({g.arg(t, 'ints')}, default=-1)"
    return f"{t.key}({g.arg(t, 'first')}, {g.arg(t, 'second')})"


@emits("int:if", "bool:if", "ints:if")
def emit_if(g: Gen, t: Term) -> str:
    otherwise = g.optional(t, "else", "False")
    return f"({g.arg(t, 'then')} if {g.arg(t, 'condition')} else {otherwise})"


@emits("region:if")
def emit_region_if(g: Gen, t: Term) -> str:
    return f"({g.arg(t, 'then')} if {g.arg(t, 'condition')} else {g.optional(t, 'else', '()')})"


@emits("int:from", "int:to", "int:between", "int:site", "int:value", "int:player")
def emit_variable(g: Gen, t: Term) -> str:
    return g.var("frm" if t.key == "from" else t.key)


@emits("int:mover", "int:next", "int:prev")
def emit_player(g: Gen, t: Term) -> str:
    return {"mover": "c.mover", "next": "c.nxt", "prev": "c.prev"}[t.key]


@emits("int:last From", "int:last To")
def emit_last(g: Gen, t: Term) -> str:
    if word(t, "afterConsequence") == "True":
        if t.key == "last From":
            raise refuse(t, "(last From afterConsequence:True) is not played by this engine", "unsupported")
        return "after_to(c)"
    return "c.last_from" if t.key == "last From" else "c.last_to"


@emits("int:who", "int:what", "int:state")
def emit_contents(g: Gen, t: Term) -> str:
    g.own_type(t)
    if t.key == "state":
        g.features.add("full")
    return g.at(g.arg(t, "at"), {"who": "who", "what": "what", "state": "st"}[t.key])


@emits("int:value Piece")
def emit_piece_value(g: Gen, t: Term) -> str:
    g.own_type(t)
    g.features.add("full")
    return g.at(g.arg(t, "at"), "val")


@emits("int:count", "int:count Cell", "int:count Vertex")
def emit_count(g: Gen, t: Term) -> str:
    g.features.add("full")
    sites = g.arg(t, "in") if "in" in t.args else f"({g.arg(t, 'at')},)"
    cells = t.key == "count Cell" or word(t, "SiteType") == "Cell"
    if g.eq.topology.site_type == "Vertex" and (g.eq.hands or cells):  # hands are made of cells, this board is not
        size = g.eq.topology.size
        return f"count_among(c, {sites}, {size if cells else 0}, {g.eq.size if cells else size})"
    return f"count_in(c, {sites})" if "in" in t.args else g.at(g.arg(t, "at"), "cnt")


@emits("int:count Pieces")
def emit_countpieces_code(g: Gen, t: Term) -> str:
    if "if" in t.args:
        raise refuse(t, "(count Pieces if:...) is not played by this engine", "unsupported")
    return pieces_code(g, t, "count_pieces")


def pieces_code(g: Gen, t: Term, function: str) -> str:
    g.own_type(t)
    who = argument(t, "who") or argument(t, "of")
    owner = "None"
    if (who is not None and str(who.literal) not in ("All", "Each")) or (who is not None and who.form is not None):
        owner = g.expr(who)
    kinds = "None"
    if "name" in t.args:
        kinds = g.const(frozenset(g.eq.of_base(word(t, "name")) or [component(g, t)]), "S")
    region = g.optional(t, "in", "None")
    if region == "None" and not g.eq.hands:
        region = "None"
    return f"{function}(c, {owner}, {kinds}, {region})"


def component(g: Gen, t: Term, label: str = "name") -> int:
    found = g.eq.find(word(t, label))
    if not found:
        raise refuse(need(t, label), f"there is no piece {word(t, label)!r}")
    return found


@emits("int:count Sites")
def emit_count_sites(g: Gen, t: Term) -> str:
    return f"len({g.arg(t, 'in')})"


@emits("int:count Cells", "int:count Rows", "int:count Columns", "int:count Players")
def emit_count_board(g: Gen, t: Term) -> str:
    if t.key == "count Cells":
        return str(len(g.eq.topology.graph.faces or []))
    if t.key == "count Players":
        return "2"
    return str(len(set(g.eq.measure.grid[0 if t.key == "count Rows" else 1])))


@emits("int:count Moves", "int:count MovesThisTurn", "int:count Turns", "int:counter")
def emit_counters(g: Gen, t: Term) -> str:
    return {"count Moves": "c.moves", "count MovesThisTurn": "c.same", "count Turns": "c.turns"}.get(t.key, "c.counter")


@emits("int:count Steps")
def emit_count_steps(g: Gen, t: Term) -> str:
    g.own_type(t)
    distances = g.const({}, "D")
    relation = word(t, "Relation", "Adjacent")
    function = "steps_to_region" if need(t, "second").type == "region" else "steps_between"
    return f"{function}({distances}, {relation!r}, c, {g.arg(t, 'first')}, {g.arg(t, 'second')})"


@emits("int:count Groups", "ints:sizes Group")
def emit_groups(g: Gen, t: Term) -> str:
    g.own_type(t)
    near = neighbors(g, argument(t, "Direction"))
    condition = argument(t, "if")
    test = g.function(condition) if condition else "None"
    who = g.who(t, "who", "None") if "who" in t.args else g.who(t, "of", "None")
    if argument(t, "who") is not None and word(t, "who") == "All":
        who = "None"
    code = f"group_sizes(c, {near}, {test}, {who}, {g.optional(t, 'min', '0')})"
    return f"len({code})" if t.key == "count Groups" else code


@emits("int:size Group")
def emit_group_size(g: Gen, t: Term) -> str:
    return f"len({group(g, t, g.arg(t, 'at'))})"


def group(g: Gen, t: Term, start: str) -> str:
    """Return an expression for the group of sites that hangs together with a site."""
    g.own_type(t)
    g.escaped = True
    near = neighbors(g, direction_term(t))
    condition = argument(t, "if")
    return f"group_at(c, {near}, {g.function(condition) if condition else 'None'}, {start})"


@emits("int:count Liberties")
def emit_liberties(g: Gen, t: Term) -> str:
    start = g.optional(t, "at", "c.last_to")
    near = neighbors(g, direction_term(t))
    return f"liberties(c, {near}, {group(g, t, start)})"


@emits("int:size Array")
def emit_array_size(g: Gen, t: Term) -> str:
    return f"len({g.arg(t, 'ints')})"


@emits("int:size Territory")
def emit_territory(g: Gen, t: Term) -> str:
    near = neighbors(g, direction_term(t))
    return f"territory(c, {near}, {g.who(t, 'who')})"


@emits("int:id")
def emit_id(g: Gen, t: Term) -> str:
    if "name" not in t.args:
        return g.who(t, "who")
    role = argument(t, "who")
    if role is None:
        return str(component(g, t))
    name, kinds = word(t, "name"), list(enumerate(g.eq.components))[1:]
    numbers = tuple(next((n for n, k in kinds if name in k.name and k.owner == owner), -1) for owner in range(4))
    if max(numbers) < 0:
        raise refuse(need(t, "name"), f"there is no piece {name!r}")
    who = g.role(role)
    return str(numbers[int(who)]) if who.isdigit() else f"{g.const(numbers)}[{who}]"
