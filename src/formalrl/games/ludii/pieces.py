"""The top-level expressions of a part of a game, as a model fills it in between what stands before and after."""

import re

TOKEN = re.compile(r'"[^"]*"|[(){}]|[^\s(){}"]+')
CLOSING = {"(": ")", "{": "}"}


def infill_pieces(infill: str) -> list[str]:
    """Return the calls of a text, `(...)`, in order; of lists at the top the calls in them.

    Words, numbers and strings between them are left out: what they mean depends on where they stand. An empty list
    when the text is not balanced, or holds no call.
    """
    out: list[str] = []
    stack: list[str] = []
    begin, calls = 0, 0
    for match in TOKEN.finditer(infill):
        token = match.group()
        if token in "({":
            if token == "(" and not calls:
                begin = match.start()
            calls += token == "("
            stack.append(token)
        elif token in ")}":
            if not stack or CLOSING[stack.pop()] != token:
                return []
            calls -= token == ")"
            if token == ")" and not calls:
                out.append(infill[begin : match.end()])
    return [] if stack or infill.count('"') % 2 else out
