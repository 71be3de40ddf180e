"""Expressions -> typed terms. Every argument must find its parameter, in order; what does not is a diagnostic."""

from dataclasses import dataclass, field
from typing import TypeAlias

from ...errors import nearest
from ..engine import Diagnostic, DiagnosticKind
from .consumed import Arguments
from .reader import Node
from .signatures import BY_HEAD, HEADS_ELSEWHERE, KEYWORDS_ELSEWHERE, RESULTS, WORDS, Form, Param


@dataclass(slots=True, eq=False)
class Term:
    """A checked expression: a form with its arguments, or a literal (form None)."""

    type: str
    node: Node
    form: Form | None = None
    args: "dict[str, Value]" = field(default_factory=dict[str, "Value"])
    literal: "int | float | str" = 0

    @property
    def key(self) -> str:
        """Return head and keywords of the form, empty for a literal."""
        return self.form.key if self.form else ""


Value: TypeAlias = "Term | tuple[Value, ...]"


@dataclass(frozen=True, slots=True)
class Fail:
    """Why an expression is not of a type, and how far reading got."""

    kind: DiagnosticKind
    message: str
    start: int
    end: int
    depth: int
    """How deep in the description the fault lies; the deepest of several is reported."""

    def diagnostic(self) -> Diagnostic:
        return Diagnostic(self.kind, self.message, self.start, self.end)


def check(node: Node, type_name: str = "game") -> Term | Diagnostic:
    """Return the typed term of an expression, or the most telling diagnostic."""
    result = Checker().one(node, type_name, 0)
    return result.diagnostic() if isinstance(result, Fail) else result


def _rank(failure: Fail) -> tuple[int, int, bool]:
    """Return how telling a fault is: the deeper, the later in the text and the more definite, the better."""
    return failure.depth, failure.start, failure.kind != "argument"


def _article(name: str) -> str:
    return f"an {name}" if name[:1] in "aeio" else f"a {name}"


def describe(types: tuple[str, ...]) -> str:
    """Return how a type is called in messages."""
    return " or ".join(_article(t.strip("{}")) if not t.startswith("{") else f"a list of {t[1:-1]}" for t in types)


def _shown(node: Node) -> str:
    if node.kind == "call":
        return f"({node.text} ...)"
    return {"list": "{...}", "string": f'"{node.text}"'}.get(node.kind, node.text)


class Checker:
    """Finds out of which types expressions are; remembers what it found."""

    def __init__(self) -> None:
        self.memo: dict[tuple[int, str], Term | Fail] = {}

    def one(self, node: Node, type_name: str, depth: int) -> Term | Fail:
        key = (id(node), type_name)
        found = self.memo.get(key)
        if found is None:
            found = self.memo[key] = self._one(node, type_name, depth)
        return found

    def _one(self, node: Node, type_name: str, depth: int) -> Term | Fail:
        if type_name in ("point", "walk"):
            return self._raw(node, type_name, depth)
        if type_name in WORDS:
            if node.kind == "word" and node.text in WORDS[type_name]:
                return Term(type_name, node, literal=node.text)
            return self._mismatch(node, type_name, depth)
        if node.kind == "number":
            if type_name == "real":
                return Term("real", node, literal=node.value)
            if (
                type_name == "int"
                and node.value == int(node.value)
                and abs(node.value) < 2**31
                and "." not in node.text
            ):
                return Term("int", node, literal=int(node.value))
        elif node.kind == "string" and type_name == "string":
            return Term("string", node, literal=node.text)
        elif node.kind == "word" and type_name == "bool" and node.text in WORDS["Flag"]:
            return Term("bool", node, literal=node.text)
        elif node.kind == "call":
            return self._call(node, "int" if type_name == "real" else type_name, depth)
        return self._mismatch(node, type_name, depth)

    def _raw(self, node: Node, type_name: str, depth: int) -> Term | Fail:
        """A list of numbers (point) or of turns (walk); read again by those who use it."""
        if node.kind != "list" or not node.items:
            return self._mismatch(node, type_name, depth)
        for item in node.items:
            if type_name == "walk":
                good = item.kind == "word" and item.text in WORDS["Walk"]
            else:
                good = item.kind == "number" or isinstance(self.one(item, "point", depth + 1), Term)
            if not good:
                return self._mismatch(item, "number" if type_name == "point" else "turn (F, L, R)", depth + 1)
        return Term(type_name, node)

    def _mismatch(self, node: Node, type_name: str, depth: int) -> Fail:
        message = f"expected {_article(type_name)}, found {_shown(node)}"
        if node.kind == "word":
            if type_name in WORDS:
                message = f"{node.text!r} is no {type_name}." + nearest(node.text, WORDS[type_name])
                if not any(node.text in words for words in WORDS.values()) and node.text not in KEYWORDS_ELSEWHERE:
                    return Fail("unknown", message, node.start, node.end, depth)
            elif node.text in KEYWORDS_ELSEWHERE:
                return Fail("unsupported", f"{node.text} is not played by this engine", node.start, node.end, depth + 1)
            elif not any(node.text in words for words in WORDS.values()):
                return Fail("unknown", message + ": no such word", node.start, node.end, depth)
        return Fail("type", message, node.start, node.end, depth)

    def _call(self, node: Node, type_name: str, depth: int) -> Term | Fail:
        forms = BY_HEAD.get(node.text)
        if forms is None:
            kind: DiagnosticKind = "unsupported" if node.text in HEADS_ELSEWHERE else "unknown"
            text = "is not played by this engine" if kind == "unsupported" else "is no ludeme."
            hint = "" if kind == "unsupported" else nearest(node.text, BY_HEAD)
            return Fail(kind, f"({node.text} ...) {text}{hint}", node.start, node.end, depth + 1)
        wanted = [f for f in forms if f.result == type_name]
        if not wanted:
            if any(f.result in RESULTS and self._keywords(f, node) for f in forms):
                return self._mismatch(node, type_name, depth)
            return self._bad_keyword(node, forms, depth)
        named = [f for f in wanted if self._keywords(f, node)]
        if not named:
            if any(self._keywords(f, node) for f in forms):
                return self._mismatch(node, type_name, depth)
            return self._bad_keyword(node, tuple(wanted), depth)
        named.sort(key=lambda f: -len(f.keywords))
        if self._strange(node) and not named[0].keywords and any(f.keywords for f in wanted):
            return self._bad_keyword(node, tuple(wanted), depth)
        failures: list[Fail] = []
        for form in named:
            result = self._fit(form, node, depth)
            if isinstance(result, Term):
                return result
            failures.append(result)
        return max(failures, key=lambda f: (f.depth, f.start))

    def _strange(self, node: Node) -> bool:
        """Return whether a call begins with a capitalized word that is none of the language's."""
        first = node.items[0] if node.items else None
        if first is None or first.kind != "word" or not first.text[:1].isupper():
            return False
        return not any(first.text in words for words in WORDS.values())

    def _bad_keyword(self, node: Node, forms: tuple[Form, ...], depth: int) -> Fail:
        known = sorted({f.keywords[0] for f in forms if f.keywords})
        first = node.items[0] if node.items else node
        if first.kind == "word" and first.text[:1].isupper():
            gap = first.text in KEYWORDS_ELSEWHERE
            message = f"({node.text} {first.text} ...) is " + ("not played by this engine" if gap else "no ludeme")
            hint = "" if gap else nearest(first.text, known)
            return Fail("unsupported" if gap else "unknown", f"{message}.{hint}", first.start, first.end, depth + 2)
        message = f"({node.text} ...) is followed by one of {', '.join(known)}"
        return Fail("argument", message, first.start, first.end, depth + 1)

    def _keywords(self, form: Form, node: Node) -> bool:
        words = form.keywords
        if len(node.items) < len(words):
            return False
        return all(
            i.kind == "word" and i.text == w and n is None
            for w, i, n in zip(words, node.items, node.labels, strict=False)
        )

    def _fit(self, form: Form, node: Node, depth: int) -> Term | Fail:
        skip = len(form.keywords)
        items, labels = node.items[skip:], node.labels[skip:]
        worst = Fail("argument", "", node.start, node.end, -1)

        def blame(failure: Fail) -> None:
            nonlocal worst
            if _rank(failure) >= _rank(worst):
                worst = failure

        def place(i: int, j: int) -> dict[str, Value] | None:
            if j == len(form.params):
                if i == len(items):
                    return {}
                blame(self._left_over(form, items[i], labels[i], depth))
                return None
            param = form.params[j]
            if i < len(items) and (labels[i] == param.label if param.named else labels[i] is None):
                value = self._argument(items[i], param, depth + 1)
                if isinstance(value, Fail):
                    blame(value)
                else:
                    rest = place(i + 1, j + 1)
                    if rest is not None:
                        rest[param.label] = value
                        return rest
            if param.optional:
                return place(i, j + 1)
            if i == len(items):
                what = f"{param.label}:" if param.named else describe(param.types)
                blame(Fail("argument", f"{form.line} lacks {what}", node.start, node.end, depth + 1))
            elif labels[i] is not None or param.named:
                blame(self._left_over(form, items[i], labels[i], depth))
            return None

        args = place(0, 0)
        return worst if args is None else Term(form.result, node, form, Arguments(args))

    def _left_over(self, form: Form, item: Node, label: str | None, depth: int) -> Fail:
        name = f"{label}:{_shown(item)}" if label else _shown(item)
        head = form.line if len(form.line) < 120 else f"({form.key} ...)"
        message = f"{name} has no place in {head}"
        if item.kind == "call" and item.text not in BY_HEAD:
            inner = self._call(item, "moves", depth)
            if isinstance(inner, Fail) and inner.kind in ("unknown", "unsupported"):
                return inner
        if label and label not in {p.label for p in form.params if p.named}:
            message = f"{label}: names no argument of {head}." + nearest(
                label, [p.label for p in form.params if p.named]
            )
        return Fail("argument", message, item.start, item.end, depth + 1)

    def _argument(self, node: Node, param: Param, depth: int) -> "Value | Fail":
        failures: list[Fail] = []
        if node.kind == "list":
            inner = tuple(t.strip("{}") for t in param.types if param.many or t.startswith("{"))
            for type_name in inner:
                result = self._items(node, type_name, depth)
                if not isinstance(result, Fail):
                    return result
                failures.append(result)
        if param.single:
            for type_name in param.types:
                if not type_name.startswith("{"):
                    result = self.one(node, type_name, depth)
                    if isinstance(result, Term):
                        return result
                    failures.append(result)
        if failures:
            best = max(failures, key=lambda f: (f.depth, f.start))
            named = [f for f in failures if f.kind in ("unknown", "unsupported")]
            if best.depth > depth or len(param.types) == 1:
                return best
            if named:
                return named[-1]
        message = f"expected {describe(param.types)}, found {_shown(node)}"
        return Fail("type", message, node.start, node.end, depth)

    def _items(self, node: Node, type_name: str, depth: int) -> "tuple[Value, ...] | Fail":
        out: list[Value] = []
        for item in node.items:
            result = self.one(item, type_name, depth + 1)
            if isinstance(result, Fail):
                return result
            out.append(result)
        return tuple(out)
