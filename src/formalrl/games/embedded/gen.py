"""Terms -> Python source. Values become expressions, loops and move generators become functions of the state `c`."""

import re
from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar, cast

from .boards import argument, refuse
from .checker import Term
from .equipment import Equipment
from .gen_charges import charged

T = TypeVar("T")
Emitter: TypeAlias = "Callable[[Gen, Term], str]"
EMITTERS: dict[str, Emitter] = {}
"""`result:key` -> how it is written; filled by the emit modules when they are loaded."""
DYNAMIC = re.compile(r"\bc\b")
LONGEST = 400
"""Characters of an expression before it is put into a function of its own."""
ROLES = {"P1": "1", "P2": "2", "Neutral": "0", "Shared": "3", "Each": "3", "All": "3"}


def emits(*keys: str) -> Callable[[Emitter], Emitter]:
    """Register how forms are written, by `result:head Keyword`."""

    def register(emitter: Emitter) -> Emitter:
        for key in keys:
            EMITTERS[key] = emitter
        return emitter

    return register


class Gen:
    """Collects the functions and constants of one game while its terms are written."""

    def __init__(self, equipment: Equipment, namespace: dict[str, Any]):
        self.eq = equipment
        self.namespace = namespace
        self.source: list[str] = []
        self.env: dict[str, str] = {}
        self.escaped = False
        self.in_group = False
        """Whether a group is gone through here, so that (sites) means something."""
        self.memo: dict[tuple[int, str], str] = {}
        self.features: set[str] = set()
        self.tails: set[int] = set()
        self._count = 0
        self._sets: dict[str, str] = {}

    # ------------------------------------------------------------------ names

    def name(self, prefix: str) -> str:
        """Return a new name."""
        self._count += 1
        return f"{prefix}{self._count}"

    def const(self, value: Any, prefix: str = "K") -> str:
        """Return the name of a value in the namespace of the program."""
        name = self.name(prefix)
        self.namespace[name] = value
        return name

    def define(self, name: str, parameters: str, lines: list[str]) -> str:
        """Add a function; the operations that it takes are charged to the state."""
        body = "\n".join("    " + line for line in charged(lines))
        self.source.append(f"def {name}({parameters}):\n{body}")
        return name

    def scan(self, code: str, parts: int = 1) -> str:
        """Return an expression for a collection of sites whose operations are charged, unless it is a constant."""
        if not DYNAMIC.search(code) and not self._local(code):
            return code
        return f"counted(c, {code}, {self.eq.topology.size * parts})"

    def var(self, name: str) -> str:
        """Return how a variable of the rules (frm, to, between, site, value, player) is read here."""
        return self.env.get(name, f"c.{name}")

    def under(self, names: dict[str, str], build: Callable[[], T]) -> tuple[T, bool]:
        """Return what is built with some variables held in locals, and whether it reads the state's variables."""
        env, escaped = self.env, self.escaped
        self.env, self.escaped = {**env, **names}, False
        try:
            result = build()
            inner = self.escaped
        finally:
            self.env, self.escaped = env, escaped
        self.escaped = escaped or inner
        return result, inner

    def early(self, build: Callable[[], T]) -> T:
        """Return what is built where a move has no target yet: (to) is the state's."""
        return self.under({"to": "c.to"}, build)[0]

    def fresh(self, names: dict[str, str], build: Callable[[], T]) -> tuple[T, bool]:
        """Return what is built inside a function of its own, where only these locals exist."""
        env = self.env
        self.env, self.escaped = names, False
        try:
            result = build()
            inner = self.escaped
        finally:
            self.env, self.escaped = env, True
        return result, inner

    # ----------------------------------------------------------------- values

    def expr(self, term: Term) -> str:
        """Return an expression for a value; constants are folded, long expressions become functions."""
        if term.form is None:
            return self._literal(term)
        if (id(term), "f") in self.memo:
            return self.call(term)
        emitter = EMITTERS.get(f"{term.type}:{term.key}")
        if emitter is None:
            raise refuse(term, f"({term.key} ...) is not played by this engine", "unsupported")
        code = emitter(self, term)
        if not DYNAMIC.search(code) and not self._local(code):
            return self._fold(term, code)
        if len(code) > LONGEST:
            return self.call(term)
        return code

    def _local(self, code: str) -> bool:
        return any(re.search(rf"\b{name}\b", code) for name in self.env.values())

    def _literal(self, term: Term) -> str:
        if term.type in ("bool", "Flag"):
            return str(term.literal)
        if term.type == "Role":
            return self.role(term)
        if term.type == "string":
            return repr(term.literal)
        return f"({term.literal})" if isinstance(term.literal, int) and term.literal < 0 else str(term.literal)

    def _fold(self, term: Term, code: str) -> str:
        try:
            value = eval(code, self.namespace)
        except (ArithmeticError, LookupError, ValueError, TypeError, AttributeError) as error:
            raise refuse(term, f"this can never be worked out: {error}") from None
        if isinstance(value, bool | int):
            return f"({value})" if value < 0 else repr(value)
        if isinstance(value, str):
            return repr(value)
        if code in self.namespace:
            return code
        if isinstance(value, list | set | range):
            value = tuple(cast("list[int]", value))
        return self.const(value)

    def call(self, term: Term) -> str:
        """Return a call of the function of its own that a value is put into."""
        self.escaped = True
        return f"{self.function(term)}(c)"

    def function(self, term: Term) -> str:
        """Return the name of a function of the state that gives a value."""
        key = (id(term), "f")
        found = self.memo.get(key)
        if found is None:
            env, self.env = self.env, {}
            escaped = self.escaped
            emitter = EMITTERS.get(f"{term.type}:{term.key}") if term.form else None
            if term.form and emitter is None:
                raise refuse(term, f"({term.key} ...) is not played by this engine", "unsupported")
            code = emitter(self, term) if emitter else self._literal(term)
            self.env, self.escaped = env, escaped
            found = self.memo[key] = self.define(self.name("f"), "c", [f"return {code}"])
        return found

    def optional(self, term: Term, label: str, default: str) -> str:
        """Return the expression of an argument, or a default."""
        found = argument(term, label)
        return default if found is None else self.expr(found)

    def arg(self, term: Term, label: str) -> str:
        """Return the expression of an argument that is there."""
        found = term.args[label]
        assert isinstance(found, Term)
        return self.expr(found)

    def role(self, term: Term) -> str:
        """Return the player number that a role stands for."""
        role = str(term.literal)
        if role in ROLES:
            return ROLES[role]
        found = {"Mover": "c.mover", "Next": "c.nxt", "Prev": "c.prev", "Player": self.var("player")}.get(role)
        if found is None:
            raise refuse(term, f"{role} is not played by this engine here", "unsupported")
        return found

    def who(self, term: Term, label: str, default: str = "c.mover") -> str:
        """Return the player number of an argument that is a role, a number or (player n)."""
        found = argument(term, label)
        if found is None:
            return default
        if found.form is not None and found.key == "player" and "int" in found.args:
            return self.arg(found, "int")
        return self.expr(found)

    def members(self, code: str) -> str:
        """Return an expression for membership tests in the collection that an expression gives."""
        value = self.namespace.get(code)
        if isinstance(value, tuple):
            if code not in self._sets:
                self._sets[code] = self.const(frozenset(cast("tuple[int, ...]", value)), "S")
            return self._sets[code]
        return code

    def at(self, code: str, array: str, elsewhere: int = 0) -> str:
        """Return a read of an array of sites; places off the board read as `elsewhere`."""
        read = f"c.{array}[{code}]"
        if code in self.env.values() or (code.isdigit() and int(code) < self.eq.size):
            return read
        if code in ("c.frm", "c.to", "c.between", "c.site", "c.last_to", "c.last_from"):  # -1, where 0 stands, if unset
            return f"({read} if {code} >= 0 else {elsewhere})" if elsewhere else read
        return f"at(c.{array}, {code}, {elsewhere})" if elsewhere else f"at(c.{array}, {code})"

    def own_type(self, term: Term, label: str = "SiteType") -> None:
        """Refuse a type of site that the game is not played on."""
        found = argument(term, label)
        if found is not None and str(found.literal) != self.eq.topology.site_type and str(found.literal) != "Cell":
            raise refuse(
                found, f"sites of type {found.literal} are not played by this engine on this board", "unsupported"
            )
        if found is not None and str(found.literal) == "Cell" and self.eq.topology.site_type == "Vertex":
            raise refuse(found, "Cell sites are not played by this engine on a board of vertices", "unsupported")

    # ------------------------------------------------------------------ moves

    def moves(self, term: Term) -> str:
        """Return the name of a generator (c, out, th) that appends moves to `out`, each followed by `th`."""
        self.escaped = True
        key = (id(term), "m")
        found = self.memo.get(key)
        if found is None:
            emitter = EMITTERS.get(f"moves:{term.key}")
            if emitter is None:
                raise refuse(term, f"({term.key} ...) is not played by this engine", "unsupported")
            env, self.env, escaped = self.env, {}, self.escaped
            self.memo[key] = "?"
            found = self.memo[key] = emitter(self, term)
            self.env, self.escaped = env, escaped
        return found

    def following(self, term: Term) -> list[str]:
        """Return the lines that put a term's own consequence in front of those it was given."""
        then = argument(term, "after" if term.key == "if" else "then")
        if then is None:
            return []
        inner = then.args["moves"]
        assert isinstance(inner, Term)
        return [f"th = ({self.moves(inner)},) + th"]
