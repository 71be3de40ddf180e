"""Charges operations to the state in generated functions, so that no text can make a playout run for ever."""

import re

from .runtime import MOST_MOVES

LOOP = re.compile(r"(\s*)for (.+?) in (.+):$")
CALLS = re.compile(r"\(c[,)]")
"""A call that passes the state on, and so may take any time."""
TABLE = re.compile(r"[A-Z]\d+\[.+\]$|ray$|enumerate\(ray|\(")
"""Few sites: neighbors, a line, a list written out."""
SITES = re.compile(r"range\((\d+)\)$")
LISTED = re.compile(r"\s+\w+(\[.+\])?\(c, out, th\)$")
"""A call that puts moves on the list."""
FREE = 200
"""Characters of a function that are not charged; a call costs more than they do."""
CHECKED = 1_000
"""Characters from which on the budget is checked, too."""
CHARACTERS = 40
"""Characters of source for one operation."""


def charged(lines: list[str]) -> list[str]:
    """Return the lines of a function with charges for its loops and, where it is long, for its length."""
    out: list[str] = []
    length = sum(map(len, lines))
    if length > FREE:
        work = length // CHARACTERS
        out.append(f"spend(c, {work})" if length > CHECKED else f"c.work += {work}")
    for number, line in enumerate(lines):
        found = LOOP.match(line)
        out += [line] if found is None else _loop(found, _body(lines, number))
        if LISTED.match(line) and any(LOOP.match(before) for before in lines[:number]):
            out.append(f"{line[: _indent(line)]}if len(out) > {MOST_MOVES}: too_many()")
    return out


def _body(lines: list[str], number: int) -> str:
    """The lines that are indented more than a line, up to the first that is not."""
    first = _indent(lines[number])
    body: list[str] = []
    for line in lines[number + 1 :]:
        if _indent(line) <= first:
            break
        body.append(line)
    return "\n".join(body)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _loop(found: re.Match[str], body: str) -> list[str]:
    """A loop with its rounds charged in front of the first; checked against the budget where a round may be long."""
    indent, names, items = found.groups()
    line = found.group()
    sites = SITES.match(items)
    if not CALLS.search(body):
        if not sites and "out.append(" in body and not TABLE.match(items):
            return [f"{indent}for {names} in made_for(c, {items}):"]
        return [f"{indent}c.work += {sites[1]}", line] if sites else [line]
    if sites:
        return [f"{indent}spend(c, {sites[1]})", line]
    if items.startswith("groups("):
        return [line]
    if items.startswith("enumerate(") and items.endswith(", 1)"):
        return [f"{indent}for {names} in enumerate(counted(c, {items[10:-4]}), 1):"]
    return [f"{indent}for {names} in counted(c, {items}):"]
