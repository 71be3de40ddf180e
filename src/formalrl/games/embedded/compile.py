"""Text -> a game ready to play, or diagnostics."""

from typing import Any

from ..engine import Diagnostic, DiagnosticKind, Diagnostics, Limits
from . import actions as acts
from . import (
    emit_conditions,
    emit_effects,
    emit_flow,
    emit_lookups,
    emit_moves,
    emit_places,
    emit_placing,
    emit_regions,
    emit_values,
    runtime,
    runtime_captures,
    runtime_groups,
    runtime_moves,
    runtime_sowing,
    runtime_tracks,
    runtime_turn,
)
from .boards import Refusal, argument, listed, need, refuse, word
from .checker import Term, check
from .consumed import first_ignored
from .emit_rules import emit_end, emit_start
from .equipment import Component, equip
from .gen import Gen
from .naming import add_named
from .outcomes import by_score, fill, finish, put, put_in_hand
from .program import Game, Phase
from .reader import SyntaxFault, read
from .state import State


def compile_game(text: str, limits: Limits) -> Game | Diagnostics:
    """Return a game, or why the text is none; raises on no text."""
    try:
        term = check(read(text, limits))
        if isinstance(term, Diagnostic):
            return Diagnostics((term,))
        return _build(term, text, limits)
    except SyntaxFault as fault:
        return Diagnostics((fault.diagnostic,))
    except Refusal as refusal:
        return Diagnostics((refusal.diagnostic,))
    except RecursionError:
        return _whole(text, "limit", "the rules are nested too deeply")
    except (IndexError, ValueError, ArithmeticError, LookupError, runtime.OverBudget) as error:
        return _whole(text, "semantic", f"the first position cannot be set up: {type(error).__name__} {error}")


def _whole(text: str, kind: DiagnosticKind, message: str) -> Diagnostics:
    return Diagnostics((Diagnostic(kind, message, 0, len(text)),))


def _build(term: Term, text: str, limits: Limits) -> Game:
    equipment = equip(term, text, limits)
    add_named(equipment, term)
    game = Game(text, word(term, "name"), equipment)
    game.max_work, game.max_moves = limits.max_work, limits.max_moves
    game.owner = tuple(c.owner for c in equipment.components)
    namespace = _namespace(game)
    g = Gen(equipment, namespace)
    rules = need(term, "rules")
    _meta(game, rules)
    starts = emit_start(g, need(rules, "start")) if "start" in rules.args else []
    phases = _phases(g, rules)
    end = emit_end(g, need(rules, "end")) if "end" in rules.args else None
    _piece_moves(g)
    _flags(game, g)
    _refuse_ignored(term)
    game.source = "\n".join(g.source)
    _run(game, term, namespace)
    game.phases = [_phase(namespace, *p) for p in phases]
    game.end = namespace[end] if end else None
    game.initial = _first_position(game, namespace, starts)
    return game


def _refuse_ignored(term: Term) -> None:
    found = first_ignored(term)
    if found is not None:
        where, label = found
        raise refuse(
            where, f"the argument {label!r} of ({where.key} ...) is not played by this engine here", "unsupported"
        )


def _run(game: Game, term: Term, namespace: dict[str, Any]) -> None:
    try:
        exec(compile(game.source, f"<game {game.name}>", "exec"), namespace)
    except (SyntaxError, MemoryError):  # Python's own limits on nesting
        raise refuse(term, "the rules are nested too deeply", "limit") from None


EMITTING = (
    emit_conditions,
    emit_effects,
    emit_flow,
    emit_lookups,
    emit_moves,
    emit_places,
    emit_placing,
    emit_regions,
    emit_values,
)
"""Modules that register how forms are written when they are loaded."""
_RUNTIME = (runtime, runtime_groups, runtime_tracks, runtime_moves, runtime_turn, runtime_captures, runtime_sowing)


def _namespace(game: Game) -> dict[str, Any]:
    names: dict[str, Any] = {"__builtins__": _SAFE, "OWNER": game.owner, "LineTable": runtime_groups.LineTable}
    for module in _RUNTIME:
        names.update((k, v) for k, v in vars(module).items() if callable(v) and not k.startswith("_"))
    names.update(
        finish=finish,
        by_score=by_score,
        put=put,
        put_in_hand=put_in_hand,
        fill=fill,
        REMOVE=acts.act_remove,
        NOTHING=acts.act_nothing,
    )
    names.update(PASS=runtime_turn.act_pass, COPY=acts.act_copy, MOVE_MANY=acts.act_move_many, NEXT=acts.act_next)
    names.update(REMOVE_LATER=acts.act_remove_later, PROMOTE=acts.act_promote, SCORE=acts.act_score, VAR=acts.act_var)
    names.update(SET_SCORE=acts.act_set_score, SET_COUNT=acts.act_set_count, SET_STATE=acts.act_set_state)
    names.update(SET_VALUE=acts.act_set_value, PLAYER_VALUE=acts.act_player_value, COUNTER=acts.act_counter)
    names.update(PENDING=acts.act_pending, REMEMBER=acts.act_remember, FORGET=acts.act_forget, VOTE=acts.act_vote)
    names.update(PROPOSE=acts.act_propose, TRIGGER=acts.act_trigger, ADD_FULL=acts.act_add)
    return names


_SAFE: dict[str, Any] = {
    f.__name__: f
    for f in (
        abs,
        bool,
        dict,
        enumerate,
        frozenset,
        int,
        iter,
        len,
        list,
        max,
        min,
        next,
        range,
        reversed,
        set,
        sum,
        tuple,
    )
}


def _meta(game: Game, rules: Term) -> None:
    meta = argument(rules, "meta")
    for rule in listed(meta, "metarule") if meta is not None else []:
        if rule.key == "swap":
            game.swap_rule = True
        elif rule.key == "no Repeat":
            game.repetition = word(rule, "Repetition", "Positional")
        elif rule.key == "passEnd":
            game.all_pass_draws = word(rule, "PassEnd") != "NoEnd"


_Plan = tuple[Phase, str, str | None, list[tuple[str | None, str | None, int]], str | None]


def _phases(g: Gen, rules: Term) -> list[tuple[Any, ...]]:
    if "play" in rules.args:
        return [_plan(g, "", 3, need(rules, "play"), None, [])]
    terms = listed(rules, "phases")
    names = [word(p, "name") for p in terms]
    plans: list[tuple[Any, ...]] = []
    for phase in terms:
        owner = word(phase, "owner", "Shared")
        following: list[tuple[str | None, str | None, int]] = []
        for step in listed(phase, "next"):
            when = argument(step, "condition")
            target = word(step, "name")
            if target and target not in names:
                raise refuse(step, f"there is no phase {target!r}")
            whose = argument(step, "who")
            who = g.define(g.name("w"), "c", [f"return {g.fresh({}, lambda w=whose: g.role(w))[0]}"]) if whose else None
            following.append((who, g.function(when) if when else None, names.index(target) if target else -1))
        end = emit_end(g, need(phase, "end")) if "end" in phase.args else None
        plans.append(
            _plan(g, word(phase, "name"), {"P1": 1, "P2": 2}.get(owner, 3), need(phase, "play"), end, following)
        )
    if not plans:
        raise refuse(rules, "a game has a phase or (play ...)", "argument")
    return plans


def _plan(
    g: Gen, name: str, owner: int, play: Term, end: str | None, following: list[tuple[str | None, str | None, int]]
) -> tuple[Any, ...]:
    moves = need(play, "moves")
    _mark_tails(g, moves)
    return name, owner, g.moves(moves), end, following


def _mark_tails(g: Gen, moves: Term) -> None:
    """Note the (do ... ifAfterwards:...) whose moves nobody looks at but the player: they are filtered one by one."""
    if moves.key == "do":
        g.tails.add(id(moves))
    elif moves.key in ("if", "or"):
        for label in ("then", "else", "first", "second", "moves"):
            for part in listed(moves, label):
                if part.type == "moves":
                    _mark_tails(g, part)


def _phase(names: dict[str, Any], name: str, owner: int, play: str, end: str | None, following: list[Any]) -> Phase:
    steps = [(names[w] if w else None, names[t] if t else None, k) for w, t, k in following]
    return Phase(name, owner, names[play], names[end] if end else None, steps)


def _piece_moves(g: Gen) -> None:
    """Write the generators of the pieces, which (forEach Piece) looks up by component."""
    nothing = g.define(g.name("m"), "c, out, th", ["pass"])
    components: list[Component] = g.eq.components
    done: list[str] = []
    while pending := [p for p in g.namespace.get("PENDING_PIECES", []) if p[0] not in done]:
        table: str
        kinds: list[int]
        for table, kinds in pending:
            done.append(table)
            for k in kinds:
                own = components[k].moves
                g.namespace[table][k] = g.moves(own) if own is not None else nothing
    lines = [f"{table} = [globals_get(k) for k in {table}]" for table in done]

    def named(name: str | None) -> Any:
        return g.namespace.get(name) if name else None

    g.namespace["globals_get"] = named
    g.source += lines


def _flags(game: Game, g: Gen) -> None:
    full = "full" in g.features or bool(g.eq.hands)
    game.counted = full
    game.tracks_visits = "visited" in g.features
    game.filters = bool(g.tails)
    if "all passed" in g.features:
        game.all_pass_draws = False
    game.act_move = acts.act_move if full else acts.act_move_simple
    g.namespace["MOVE"] = game.act_move
    g.namespace["ADD"] = add_one if full else acts.act_add_simple


def add_one(c: State, a: Any) -> None:
    """Put one piece on a site, counting."""
    acts.act_add(c, (None, a[1], a[2], a[3], 1, -1, -1))


def _first_position(game: Game, names: dict[str, Any], starts: list[str]) -> State:
    c = State(game, game.equipment.size)
    for player in (1, 2):
        usable = [k for k, p in enumerate(game.phases) if p.owner in (3, player)]
        c.phase[player] = usable[0] if usable else 0
    for start in starts:
        names[start](c)
    placed: dict[int, list[int]] = {}
    for site, piece in enumerate(c.what):
        if piece:
            placed.setdefault(piece, []).append(site)
    game.started.update((k, tuple(v)) for k, v in placed.items())
    if game.repetition:
        c.history = {game._key(c)}  # pyright: ignore[reportPrivateUsage]
    c.work = 0
    return c
