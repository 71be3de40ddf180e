"""Fill in the middle: a game without one of its bracketed expressions, as a prompt; what a completion of it is worth.

The format is that of arXiv 2410.17126, task 3, and of arXiv 2407.09388: `### PRE:<prefix>### SUF: <suffix>### MID:`.
"""

import re
from dataclasses import dataclass

from .embedded.checker import Term, check
from .embedded.fragments import checked_calls
from .embedded.reader import TOKEN, SyntaxFault, read
from .engine import DEFAULT_LIMITS, Limits

PRE, SUF, MID = "### PRE:", "### SUF: ", "### MID:"
"""What stands before the prefix, the suffix and the middle."""

_PROMPT = re.compile(f"{re.escape(PRE)}(.*?){re.escape(SUF)}(.*){re.escape(MID)}", re.DOTALL)
_BRACKET = re.compile(r'"[^"\n]*"|[(){}]')


@dataclass(frozen=True, slots=True)
class Blank:
    """A game with one expression taken out."""

    prefix: str
    middle: str
    suffix: str

    @property
    def prompt(self) -> str:
        """Return the text that asks for the middle."""
        return f"{PRE}{self.prefix}{SUF}{self.suffix}{MID}"

    @property
    def text(self) -> str:
        """Return the whole game."""
        return self.prefix + self.middle + self.suffix


@dataclass(frozen=True, slots=True)
class Grade:
    """How well a completion is written, before anything is compiled."""

    closes: bool
    """It begins with a bracket and closes it."""
    parses: float
    """The share of its calls that are of some type by themselves; brackets that stay open count as calls."""
    in_context: bool
    """The whole game is of the right types."""


def layout(text: str) -> str:
    """Return a text with the blanks it needs and no others; unchanged where it holds no word of the language."""
    out: list[str] = []
    position, before = 0, "("
    while position < len(text):
        match = TOKEN.match(text, position)
        if match is None:
            return text
        position = match.end()
        if match.lastgroup == "space":
            continue
        token = match.group()
        glued = before in "({" or token in ")}" or before.endswith(":")
        out.append(token if glued else f" {token}")
        before = token
    return "".join(out)


def blanks(text: str) -> list[Blank]:
    """Return the game once for every balanced `( ... )` in it but the outermost one, in the order of their starts."""
    spans: list[tuple[int, int]] = []
    stack: list[int] = []
    for match in _BRACKET.finditer(text):
        if match.group() == "(":
            stack.append(match.start())
        elif match.group() == ")" and stack:
            spans.append((stack.pop(), match.end()))
    outermost = max(spans, key=lambda span: span[1] - span[0], default=None)
    return [Blank(text[:a], text[a:b], text[b:]) for a, b in sorted(spans) if (a, b) != outermost]


def read_prompt(prompt: object) -> Blank | None:
    """Return prefix and suffix of a prompt, with an empty middle; None when it has another format."""
    match = _PROMPT.fullmatch(prompt.strip()) if isinstance(prompt, str) else None
    return Blank(match[1], "", match[2]) if match else None


def cut(completion: str) -> str | None:
    """Return the completion up to the bracket that closes its first one; None when it has no such bracket."""
    start = len(completion) - len(completion.lstrip())
    if completion[start : start + 1] != "(":
        return None
    depth = 0
    for match in _BRACKET.finditer(completion, start):
        depth += {"(": 1, ")": -1}.get(match.group(), 0)
        if depth == 0 and match.group() == ")":
            return completion[start : match.end()]
    return None


def grade(blank: Blank, completion: str, limits: Limits = DEFAULT_LIMITS) -> Grade:
    """Return how well a completion fits into a blank; raises on no text."""
    middle = cut(completion)
    if middle is None:
        return Grade(False, _parsed_share(completion.strip()[: limits.max_chars], limits), False)
    return Grade(True, _parsed_share(middle, limits), _is_game(blank.prefix + middle + blank.suffix, limits))


def _is_game(text: str, limits: Limits) -> bool:
    try:
        return isinstance(check(read(text, limits)), Term)
    except (SyntaxFault, RecursionError):
        return False


def _parsed_share(text: str, limits: Limits) -> float:
    """The share of calls that check; a text without its last brackets gets them, and those calls count as wrong."""
    opened: list[str] = []
    for match in _BRACKET.finditer(text):
        bracket = match.group()
        if bracket in "({":
            opened.append(")" if bracket == "(" else "}")
        elif bracket in ")}" and opened and opened[-1] == bracket:
            opened.pop()
    try:
        checked, calls = checked_calls(read(text + "".join(reversed(opened)), limits), len(text))
    except (SyntaxFault, RecursionError):
        return 0.0
    return checked / calls if calls else 0.0
