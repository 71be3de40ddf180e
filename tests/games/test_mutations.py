"""Mutants of every game: nonsense is refused with a diagnostic, and nothing else than a diagnostic comes back.

Each argument and each element of a list is replaced, deleted, doubled, swapped with its neighbor and given another
label. Whether a mutant is nonsense is worked out here, from the lines of the signature table, by other means than the
checker's: bottom up, the set of all types that an expression can have, where a form takes its arguments in the order
of its line. FORMALRL_MUTANTS (2000) of them are tried, as many from each game of the library; `all` tries every one.
FORMALRL_MUTANTS_LUDII (100) of the mutants that are accepted also go through Ludii where LUDII_JAR names it.
Where FORMALRL_LUDII_REFERENCE and FORMALRL_LUDII_GAMES name a reference, the games of it that compile are mutated, too.
"""

import json
import os
import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import pytest

from formalrl.games.embedded.checker import Term, check
from formalrl.games.embedded.compile import compile_game
from formalrl.games.embedded.engine import EmbeddedEngine
from formalrl.games.embedded.reader import SyntaxFault, read
from formalrl.games.embedded.signatures import TABLE, WORDS
from formalrl.games.engine import DIAGNOSTIC_KINDS, STATUSES, Diagnostics, Limits
from formalrl.games.library import games

LIMITS = Limits(max_moves=60, max_total_moves=60, max_work=20_000)


@dataclass(frozen=True)
class Tree:
    """An expression: head and parts of a call, parts of a list (head "{"), or an atom (head its text)."""

    head: str
    parts: "tuple[tuple[str, Tree], ...] | None" = None
    """(label or "", part)."""

    def __str__(self) -> str:
        if self.parts is None:
            return self.head
        inner = " ".join(f"{label}:{part}" if label else str(part) for label, part in self.parts)
        return "{" + inner + "}" if self.head == "{" else f"({self.head} {inner})" if inner else f"({self.head})"


def tree(text: str) -> Tree:
    """Return the tree of a well-formed text."""
    stack: list[list[tuple[str, Tree]]] = [[]]
    heads: list[tuple[str, str]] = []
    label = ""
    for token in re.findall(r'"[^"]*"|[(){}]|[A-Za-z][A-Za-z0-9]*:|[^\s(){}"]+', text):
        if token in "({":
            heads.append((label, token))
            stack.append([])
        elif token in ")}":
            parts = stack.pop()
            name, opened = heads.pop()
            made = Tree("{", tuple(parts)) if opened == "{" else Tree(parts[0][1].head, tuple(parts[1:]))
            stack[-1].append((name, made))
        elif token.endswith(":") and token[0] != '"':
            label = token[:-1]
            continue
        else:
            stack[-1].append((label, Tree(token)))
        label = ""
    return stack[0][0][1]


@dataclass(frozen=True)
class Slot:
    """A parameter of a line: its label if it is named, and what it takes: types, and `{type}` for lists of them."""

    label: str
    takes: frozenset[str]
    optional: bool


def _slot(token: str) -> Slot:
    body, optional = token.rstrip("?"), token.endswith("?")
    several = body.endswith("+")
    name, sign, kinds = re.fullmatch(r"(?:(\w+)([:=]))?(.*?)\+?", body).groups()  # type: ignore[union-attr]
    takes = set(kinds.split("|"))
    takes |= {"{" + kind + "}" for kind in takes} if several else set()
    return Slot(name if sign == ":" else "", frozenset(takes), optional)


def _lines() -> dict[str, list[tuple[str, list[str], list[Slot]]]]:
    """Return head -> (result, keywords, parameters) of each line of the table."""
    found: dict[str, list[tuple[str, list[str], list[Slot]]]] = {}
    spoken = ("sites Direction", "sites Around", "sites Hand", "forEach Direction")  # keywords that are sets, too
    for line in TABLE.strip().splitlines():
        if line:
            result, rest = line.split(" ", 1)
            head, *tokens = rest[1:-1].split()
            words = []
            for token in tokens:
                is_word = token[0].isupper() and token.isalpha() and token not in WORDS
                if not is_word and (f"{head} {token}" not in spoken or words):
                    break
                words.append(token)
            found.setdefault(head, []).append((result, words, [_slot(t) for t in tokens[len(words) :]]))
    return found


LINES = _lines()


class Oracle:
    """The types of expressions, by the table alone."""

    def __init__(self) -> None:
        self.memo: dict[int, tuple[Tree, frozenset[str]]] = {}

    def types(self, t: Tree) -> frozenset[str]:
        """Return every type that an expression can have."""
        if id(t) not in self.memo:
            self.memo[id(t)] = t, frozenset(self._types(t))
        return self.memo[id(t)][1]

    def _types(self, t: Tree) -> set[str]:
        if t.parts is None:
            return self._atom(t.head)
        if t.head != "{":
            got = {r for r, words, slots in LINES.get(t.head, []) if self.fits(t.parts, words, slots)}
            return got | {"real"} if "int" in got else got
        if any(label for label, _ in t.parts):
            return set()
        inner = [self.types(part) for _, part in t.parts]
        every = {f"{{{kind}}}" for kind in frozenset.intersection(*inner)} if inner else {"{}"}
        numbers = ["real" in kinds and part.parts is None for kinds, (_, part) in zip(inner, t.parts, strict=True)]
        if inner and all(is_number or "point" in kinds for is_number, kinds in zip(numbers, inner, strict=True)):
            every.add("point")
        if inner and all(part.head in WORDS["Walk"] and part.parts is None for _, part in t.parts):
            every.add("walk")
        return every

    def _atom(self, text: str) -> set[str]:
        if text[0] == '"':
            return {"string"}
        if re.fullmatch(r"-?\d+", text) and abs(int(text)) < 2**31:
            return {"int", "real"}
        if re.fullmatch(r"-?\d+(\.\d+)?", text):
            return {"real"}
        return {name for name, words in WORDS.items() if text in words} | (
            {"bool"} if text in ("True", "False") else set()
        )

    def fits(self, parts: "tuple[tuple[str, Tree], ...]", words: list[str], slots: list[Slot]) -> bool:
        """Return whether arguments are those of a line, in its order."""
        first, rest = parts[: len(words)], parts[len(words) :]
        if [(label, p.head, p.parts) for label, p in first] != [("", w, None) for w in words]:
            return False
        reached = {0}
        for slot in slots:
            taken = {k + 1 for k in reached if k < len(rest) and self._takes(slot, *rest[k])}
            reached = taken | (reached if slot.optional else set())
        return len(rest) in reached

    def _takes(self, slot: Slot, label: str, part: Tree) -> bool:
        kinds = self.types(part)
        return label == slot.label and bool(kinds & slot.takes or ("{}" in kinds and any("{" in k for k in slot.takes)))


STRANGERS = [tree(f"(x {text})").parts[0][1] for text in (  # type: ignore[index]
    "(banana split)", "Banana", '"Banana"', "7", "-3", "2.5", "True", "Mover", "N", "Empty", "Cell", "{}", "{1 2}",
    "{(sites Board)}", "(is Full)", "(sites Board)", "(pass)", "(moveAgain)", "(count Moves)", "(square 3)", "(from)",
    "(to)", "(then (pass))", "(directions Forward)", "(result Mover Win)", "(is Full Full)", "(sites)", "(not 1)",
)]  # fmt: skip
BANANA = STRANGERS[:2]
"""What is nonsense wherever it stands, except for a word or string in the place of a free name."""


def places(t: Tree) -> Iterator[tuple[int, ...]]:
    """Yield the path of every call and list of a tree."""
    yield ()
    for k, (_, part) in enumerate(t.parts or ()):
        if part.parts is not None:
            yield from ((k, *path) for path in places(part))


def edited(t: Tree, path: tuple[int, ...], parts: "tuple[tuple[str, Tree], ...]") -> Tree:
    """Return a tree with the parts at a path exchanged."""
    if not path:
        return replace(t, parts=parts)
    assert t.parts is not None
    label, inner = t.parts[path[0]]
    return replace(t, parts=(*t.parts[: path[0]], (label, edited(inner, path[1:], parts)), *t.parts[path[0] + 1 :]))


def mutants(t: Tree, rng: random.Random, strangers: int = 3) -> Iterator[tuple[str, Tree]]:
    """Yield (kind, tree) for every edit of every argument; replacements by `strangers` at random."""
    for path in places(t):
        here = t
        for k in path:
            here = here.parts[k][1]  # type: ignore[index]
        parts = here.parts or ()
        for k, (label, part) in enumerate(parts):
            before, after = parts[:k], parts[k + 1 :]
            for other in [BANANA[0], *rng.sample(STRANGERS[1:], strangers)]:
                kind = "unknown" if other is BANANA[0] else "replaced"
                yield kind, edited(t, path, (*before, (label, other), *after))
            yield "deleted", edited(t, path, (*before, *after))
            yield "doubled", edited(t, path, (*before, (label, part), (label, part), *after))
            yield "relabeled", edited(t, path, (*before, ("" if label else "banana", part), *after))
            if after:
                yield "swapped", edited(t, path, (*before, after[0], (label, part), *after[1:]))


def sources() -> Iterator[tuple[str, str]]:
    """Yield (name, text) of the games to be mutated."""
    yield from ((g.name, g.text) for g in games().values() if g.name == g.template)
    paths = os.environ.get("FORMALRL_LUDII_REFERENCE", ""), os.environ.get("FORMALRL_LUDII_GAMES", "")
    if all(paths):
        for record in json.loads(Path(paths[0]).read_text())["games"]:
            text = (Path(paths[1]) / record["path"]).read_text()
            if not isinstance(compile_game(text, LIMITS), Diagnostics):
                yield record["path"], text


def drawn(number: str, seed: int = 0) -> Iterator[tuple[str, str, Tree]]:
    """Yield (game, kind, mutant): so many, or `all`."""
    rng = random.Random(seed)
    if number == "all":
        yield from ((name, kind, m) for name, text in sources() for kind, m in mutants(tree(text), rng))
        return
    texts = list(sources())
    each = max(1, int(number) // len(texts))
    for name, text in texts:
        found = [(name, *m) for m in mutants(tree(text), rng)]
        yield from rng.sample(found, min(each, len(found)))


def test_the_oracle_reads_the_table_and_accepts_every_game():
    for name, text in sources():
        t = tree(text)
        assert re.sub(r"\s", "", str(t)) == re.sub(r"\s", "", text), name
        assert "game" in Oracle().types(t), name


def test_points_are_made_of_written_numbers_and_not_of_what_gives_one():
    for text, is_point in (
        ("{1 2.5}", True),
        ("{{0 1} {1 2}}", True),
        ("{1 (from)}", False),
        ("{{0 (count Moves)}}", False),
    ):
        assert ("point" in Oracle().types(tree(text))) is is_point, text
        assert isinstance(check(read(text, LIMITS), "point"), Term) is is_point, text


def tried(mutant: Tree, oracle: Oracle) -> tuple[bool, str, str]:
    """Return whether a mutant makes sense, what became of it, and what is wrong with that."""
    text, sense = str(mutant), "game" in oracle.types(mutant)
    try:
        accepted = hasattr(check(read(text, LIMITS)), "form")
    except SyntaxFault:
        accepted = False
    if accepted != sense:
        return sense, "misjudged", f"the checker says {accepted}, the table says {sense}"
    game = compile_game(text, LIMITS)
    if not isinstance(game, Diagnostics):
        status = EmbeddedEngine().evaluate(game, 1, 20, 0, LIMITS).status
        return sense, status, "" if sense and status in STATUSES and status != "engine_error" else "accepted"
    item = game.items[0]
    good = item.kind in DIAGNOSTIC_KINDS and 0 <= item.start < item.end <= len(text) and item.message
    return sense, "refused", "" if good else f"diagnostic {item}"


@pytest.mark.timeout(36_000)
def test_nonsense_is_refused_and_nothing_else_comes_back():
    counts: Counter[str] = Counter()
    faults, game, oracle = [], "", Oracle()
    for name, kind, mutant in drawn(os.environ.get("FORMALRL_MUTANTS", "2000")):
        if name != game:
            game, oracle = name, Oracle()
        try:
            sense, status, wrong = tried(mutant, oracle)
        except Exception as error:  # what no text may cause
            sense, status, wrong = False, "raised", f"{type(error).__name__}: {error}"
        counts[f"{kind} {'sense' if sense else 'nonsense'} {status}"] += 1
        if wrong or (sense and kind == "unknown"):
            faults.append((name, kind, wrong, str(mutant)))
            print(*faults[-1])
    print(*sorted(counts.items()), sep="\n")
    assert sum(counts.values()) > 1000 and faults == []


def accepted(number: int) -> Iterator[tuple[str, str, str]]:
    """Yield (game, kind, text) of so many mutants that the embedded engine compiles; about one in eight does."""
    found = list(drawn(str(12 * number), seed=1))
    random.Random(1).shuffle(found)
    texts = ((name, kind, str(mutant)) for name, kind, mutant in found if kind != "unknown")
    return islice((one for one in texts if not isinstance(compile_game(one[2], LIMITS), Diagnostics)), number)


@pytest.mark.java
@pytest.mark.slow
@pytest.mark.timeout(36_000)
def test_ludii_takes_nearly_all_that_the_embedded_engine_takes(ludii):
    counts, refused = Counter[str](), []
    for name, kind, text in accepted(int(os.environ.get("FORMALRL_MUTANTS_LUDII", "100"))):
        found = ludii.compile(text, Limits(wall_s=300))
        counts["refused" if isinstance(found, Diagnostics) else "compiled"] += 1
        if isinstance(found, Diagnostics):
            refused.append((name, kind, found.items[0].message, text))
            print(*refused[-1])
    print("accepted mutants in Ludii:", dict(counts))
    assert counts["compiled"] and len(refused) <= 0.05 * counts.total()
