"""Text -> brackets, words, numbers and strings with their places. Refuses what is live syntax elsewhere."""

import re
from dataclasses import dataclass
from typing import Literal, NoReturn, TypeAlias

from ..engine import Diagnostic, Limits

Kind: TypeAlias = Literal["call", "list", "word", "number", "string"]

TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+)
    | (?P<label>[A-Za-z][A-Za-z0-9]*:(?!\s*[)}]))
    | (?P<open>[({]) | (?P<close>[)}])
    | (?P<string>"[^"\n]*")
    | (?P<number>-?\d+(?:\.\d+)?(?=[\s(){}"]|$))
    | (?P<word>[A-Za-z][A-Za-z0-9_]*(?=[\s(){}"]|$) | (?:[-+*/%^=<>]|<=|>=|!=)(?=[\s(){}"]))
    """,
    re.VERBOSE,
)
CLOSING = {"(": ")", "{": "}"}


@dataclass(slots=True, eq=False)
class Node:
    """An expression: a call `(head args...)`, a list `{items...}`, or an atom."""

    kind: Kind
    start: int
    end: int
    text: str = ""
    """The word, the contents of the string, or the head of a call."""
    value: float = 0
    items: "tuple[Node, ...]" = ()
    """Arguments of a call, elements of a list."""
    labels: "tuple[str | None, ...]" = ()
    """For each item its name (`if` for `if:...`), None for a positional one."""


class SyntaxFault(Exception):
    """The text is not a description; carries the diagnostic."""

    def __init__(self, diagnostic: Diagnostic):
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


@dataclass(slots=True)
class _Open:
    bracket: str
    start: int
    items: list[Node]
    labels: list[str | None]
    label: str | None = None


def read(text: str, limits: Limits) -> Node:
    """Return the one expression of a text.

    Raises:
        SyntaxFault: with kind syntax or limit.
    """
    if len(text) > limits.max_chars:
        _fault("limit", f"{len(text)} characters, but at most {limits.max_chars} are read", limits.max_chars, len(text))
    stack: list[_Open] = []
    root: Node | None = None
    position, count = 0, 0
    while position < len(text):
        match = TOKEN.match(text, position)
        if match is None:
            _bad_character(text, position)
        start, position = position, match.end()
        if match.lastgroup == "space":
            continue
        if root is not None:
            _fault("syntax", "text after the closing bracket of the game", start, len(text))
        count += 1
        if count > limits.max_nodes:
            _fault("limit", f"more than {limits.max_nodes} expressions", start, position)
        root = _token(match.lastgroup or "", match.group(), start, stack, limits)
    if stack:
        _fault("syntax", f"{stack[-1].bracket!r} is never closed", stack[-1].start, stack[-1].start + 1)
    if root is None:
        _fault("syntax", "there is no game in the text", 0, len(text))
    return root


def _token(group: str, token: str, start: int, stack: list[_Open], limits: Limits) -> Node | None:
    end = start + len(token)
    if group == "open":
        if len(stack) >= limits.max_depth:
            _fault("limit", f"brackets are nested deeper than {limits.max_depth}", start, end)
        stack.append(_Open(token, start, [], []))
        return None
    if group == "close":
        return _close(token, start, stack)
    if not stack:
        _fault("syntax", "a description starts with '('", start, end)
    if group == "label":
        if stack[-1].label is not None or stack[-1].bracket == "{":
            _fault("syntax", f"{token!r} does not name an argument here", start, end)
        stack[-1].label = token[:-1]
        return None
    if group == "string":
        return _append(stack, Node("string", start, end, token[1:-1]))
    if group == "number":
        return _append(stack, Node("number", start, end, token, float(token)))
    return _append(stack, Node("word", start, end, token))


def _close(token: str, start: int, stack: list[_Open]) -> Node | None:
    if not stack:
        _fault("syntax", f"{token!r} closes nothing", start, start + 1)
    top = stack.pop()
    if CLOSING[top.bracket] != token:
        _fault("syntax", f"{top.bracket!r} is closed by {token!r}", start, start + 1)
    if top.label is not None:
        _fault("syntax", f"{top.label + ':'!r} names no argument", start, start + 1)
    if token == "}":
        node = Node("list", top.start, start + 1, items=tuple(top.items), labels=tuple(top.labels))
    else:
        if not top.items or top.items[0].kind != "word" or top.labels[0] is not None:
            _fault("syntax", "'(' is followed by the name of a ludeme", top.start, start + 1)
        head, *rest = top.items
        node = Node("call", top.start, start + 1, head.text, items=tuple(rest), labels=tuple(top.labels[1:]))
    return _append(stack, node)


def _append(stack: list[_Open], node: Node) -> Node | None:
    if not stack:
        return node
    stack[-1].items.append(node)
    stack[-1].labels.append(stack[-1].label)
    stack[-1].label = None
    return None


def _bad_character(text: str, position: int) -> NoReturn:
    end = position + 1
    if text[position] == '"':
        _fault("syntax", "a string is never closed", position, end)
    if text[position] in "[]<>":
        _fault(
            "syntax", f"{text[position]!r}: options and rule sets are not read; give one expanded game", position, end
        )
    word = re.compile(r"[^\s(){}\"]+").match(text, position)
    _fault("syntax", "this is no word, number or string", position, word.end() if word else end)


def _fault(kind: Literal["syntax", "limit"], message: str, start: int, end: int) -> NoReturn:
    raise SyntaxFault(Diagnostic(kind, message, start, end))
