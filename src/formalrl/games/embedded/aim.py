"""Directions of a term -> tables of targets and of lines, by site, ready when the game starts."""

from .boards import argument, refuse, word
from .checker import Term, Value
from .directions import COMPASS, RELATIVE, relative
from .equipment import PLAYERS
from .gen import Gen
from .topology import Rays


def names_of(term: Term) -> list[str]:
    """Return the directions listed in a literal or a (directions ...) term."""
    if term.form is None:
        return [str(term.literal)]
    value: Value = term.args.get("Direction", ())
    if isinstance(value, Term):
        return names_of(value)
    return [str(v.literal) for v in value if isinstance(v, Term)]


def direction_term(term: Term) -> Term | None:
    """Return the directions given to a move or region."""
    return argument(term, "Direction") or argument(term, "directions") or argument(term, "Absolute")


def steps_at(g: Gen, directions: Term | None, site: str, default: str = "Adjacent") -> str:
    """Return an expression for the sites one step away from a site, each once."""
    return _at(g, directions, site, default, "targets")


def rays_at(g: Gen, directions: Term | None, site: str, default: str = "Adjacent") -> str:
    """Return an expression for the lines that leave a site."""
    return _at(g, directions, site, default, "rays")


def _at(g: Gen, directions: Term | None, site: str, default: str, kind: str) -> str:
    if directions is None:
        return f"{_table(g, (default,), kind)}[{site}]"
    if directions.form is not None and directions.key == "if":
        yes, no = directions.args["then"], directions.args["else"]
        assert isinstance(yes, Term) and isinstance(no, Term)
        condition = g.arg(directions, "condition")
        return f"({_at(g, yes, site, default, kind)} if {condition} else {_at(g, no, site, default, kind)})"
    if directions.form is not None and directions.key in ("difference", "union"):
        return f"{_combined(g, directions, kind)}[{site}]"
    if directions.form is not None and "from" in directions.args:
        return f"{kind}_between(c, {g.arg(directions, 'from')}, {g.arg(directions, 'to')}, {site})"
    names = names_of(directions)
    if any(n in ("SameDirection", "OppositeDirection") for n in names):
        if len(names) > 1:
            raise refuse(directions, "SameDirection and OppositeDirection stand alone", "unsupported")
        ends = ("c.last_from", "c.last_to") if names[0] == "SameDirection" else ("c.last_to", "c.last_from")
        return f"{kind}_between(c, {ends[0]}, {ends[1]}, {site}, True)"
    if not any(n in RELATIVE for n in names):
        return f"{_table(g, tuple(names), kind)}[{site}]"
    if not all(n in RELATIVE for n in names):
        raise refuse(directions, "absolute and relative directions cannot be mixed")
    relation = word(directions, "of", "Adjacent") if directions.form else "Adjacent"
    return f"{_relative_tables(g, tuple(names), relation, kind)}[c.what[{site}]][{site}]"


def _padded(g: Gen, rows: list[Rays]) -> tuple[Rays, ...]:
    return tuple(rows) + ((),) * (g.eq.size + 1 - len(rows))


def _build(g: Gen, names: tuple[str, ...], kind: str) -> tuple[Rays, ...]:
    topology = g.eq.topology
    tables = [topology.targets(n) if kind == "targets" else topology.rays(n) for n in names]
    rows: list[Rays] = []
    for site in range(topology.size):
        row = [entry for table in tables for entry in table[site]]
        rows.append(tuple(dict.fromkeys(row)) if kind == "targets" else tuple(row))  # type: ignore[arg-type]
    return _padded(g, rows)


def table(g: Gen, names: tuple[str, ...], kind: str) -> tuple[Rays, ...]:
    """Return the table of targets or rays of some directions, by site."""
    return g.namespace[_table(g, names, kind)]


def _table(g: Gen, names: tuple[str, ...], kind: str) -> str:
    key = (hash((names, kind)), "table")
    found = g.memo.get(key)
    if found is None:
        found = g.memo[key] = g.const(_build(g, names, kind), "T")
    return found


def _relative_tables(g: Gen, names: tuple[str, ...], relation: str, kind: str) -> str:
    key = (hash((names, relation, kind)), "relative")
    found = g.memo.get(key)
    if found is None:
        supported = g.eq.topology.supported[relation]
        empty = _padded(g, [])
        tables = [empty]
        for component in g.eq.components[1:]:
            absolute = [d for n in names for d in relative(n, component.facing, supported)]
            tables.append(_build(g, tuple(absolute), kind))
        found = g.memo[key] = g.const(tuple(tables), "R")
    return found


def _combined(g: Gen, term: Term, kind: str) -> str:
    first, second = term.args["first"], term.args["second"]
    assert isinstance(first, Term) and isinstance(second, Term)
    a, b = _compass_set(g, first), _compass_set(g, second)
    chosen = [d for d in COMPASS if (d in a and d not in b if term.key == "difference" else d in a or d in b)]
    return _table(g, tuple(chosen), kind)


def _compass_set(g: Gen, term: Term) -> frozenset[str]:
    if term.form is not None and term.key in ("difference", "union"):
        first, second = term.args["first"], term.args["second"]
        assert isinstance(first, Term) and isinstance(second, Term)
        a, b = _compass_set(g, first), _compass_set(g, second)
        return a - b if term.key == "difference" else a | b
    out: set[str] = set()
    for name in names_of(term):
        if name in g.eq.topology.supported:
            out |= g.eq.topology.supported[name]
        elif name in COMPASS:
            out.add(name)
        else:
            raise refuse(term, f"{name} cannot be combined by this engine", "unsupported")
    return frozenset(out)


def ahead_tables(g: Gen, names: list[str]) -> str:
    """Return a table component -> site -> rays of the first direction, for (ahead ...)."""
    if all(n in RELATIVE for n in names):
        return _relative_tables(g, tuple(names), "Adjacent", "rays")
    rays = _build(g, tuple(names), "rays")
    return g.const((rays,) * (len(g.eq.components)), "R")


__all__ = ["PLAYERS", "ahead_tables", "direction_term", "names_of", "rays_at", "steps_at", "table"]
