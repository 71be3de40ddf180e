"""Hostile texts: no exception, no work beyond the budget, each failure under its kind.

FORMALRL_HOSTILE_TEXTS (300) of them are tried: texts of the library cut, spliced, with brackets turned, words
swapped or characters damaged, words of the language at random, noise, and nests of everything that loops.

FORMALRL_HOSTILE_LUDII (100) of them also go through Ludii where LUDII_JAR names it, on FORMALRL_HOSTILE_WORKERS (1)
processes, each text for FORMALRL_HOSTILE_WALL_S (20) seconds at most, until FORMALRL_HOSTILE_MINUTES (600) are over.
FORMALRL_HOSTILE_SEED (0) draws other texts.
FORMALRL_HOSTILE_REPORT names a file of JSON lines that gets each text that the embedded engine takes and Ludii refuses.
"""

import json
import os
import random
import re
import resource
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count, islice
from pathlib import Path
from typing import Any

import psutil
import pytest

from formalrl.games.embedded.engine import EmbeddedEngine
from formalrl.games.embedded.signatures import WORDS
from formalrl.games.engine import DIAGNOSTIC_KINDS, STATUSES, Diagnostics, Limits, Metrics
from formalrl.games.library import games
from formalrl.games.ludii.engine import GRACE_S, LudiiEngine

LIMITS = Limits(max_moves=100, max_total_moves=200, max_work=200_000, max_total_work=400_000)
COUNT = int(os.environ.get("FORMALRL_HOSTILE_TEXTS", "300"))
SEED = int(os.environ.get("FORMALRL_HOSTILE_SEED", "0"))
LUDII_COUNT = int(os.environ.get("FORMALRL_HOSTILE_LUDII", "100"))
LUDII_WORKERS = int(os.environ.get("FORMALRL_HOSTILE_WORKERS", "1"))
LUDII_MINUTES = float(os.environ.get("FORMALRL_HOSTILE_MINUTES", "600"))
LUDII_LIMITS = Limits(max_moves=100, max_total_moves=200, wall_s=float(os.environ.get("FORMALRL_HOSTILE_WALL_S", "20")))
ENGINE = EmbeddedEngine()
TEXTS = [game.text for game in games().values()]
TOKEN = re.compile(r'"[^"]*"|[(){}]|[^\s(){}"]+|\s+')
HEAD = re.compile(r"\(\w+")
LEAF = "(add (piece 0) (to (sites Empty)))"
LOOPS = (
    "(forEach Site (sites Board) {})",
    "(forEach Value min:0 max:1000 {})",
    "(forEach Value (values Remembered) {})",
    "(forEach Player {})",
    "(forEach Direction (from (centrePoint)) (to (apply {})))",
    "(forEach Group {})",
    "(forEach Piece {})",
    "(do {} next:(pass))",
    "(or {} {})",
    "(priority {{(if (can Move {}) (pass)) {}}})",
    "(append {})",
    "(max Moves {})",
    "(if (all Sites (sites Board) if:(can Move {})) (pass))",
    "(add (piece 0) (to (forEach (sites Board) if:(can Move {}))))",
)


def game(play: str, size: int = 9, more: str = "") -> str:
    return (
        f'(game "Hostile" (players 2) (equipment {{(board (square {size})) (piece "Ball" Each) {more}}})'
        f" (rules (play {play}) (end (if (no Moves Next) (result Mover Win)))))"
    )


def nested(rng: random.Random) -> str:
    play = LEAF
    for _ in range(rng.randint(1, 8)):
        loop = rng.choice(LOOPS)
        play = loop.format(*[play] * loop.count("{}"))
        if len(play) > 20_000:
            break
    return game(play, rng.choice((3, 9, 25)))


def cut(rng: random.Random) -> str:
    text = rng.choice(TEXTS)
    return text[: rng.randrange(len(text))]


def spliced(rng: random.Random) -> str:
    a, b = rng.choice(TEXTS), rng.choice(TEXTS)
    return a[: rng.randrange(len(a))] + b[rng.randrange(len(b)) :]


def damaged(rng: random.Random) -> str:
    text = list(rng.choice(TEXTS))
    for _ in range(rng.randint(1, 5)):
        text[rng.randrange(len(text))] = rng.choice('\0(){}":0-9\n\t\ud800é' + chr(rng.randrange(0x10FFFF)))
    return "".join(text)


def shuffled(rng: random.Random) -> str:
    """A text whose brackets stand, while words and numbers are swapped, replaced or left out."""
    tokens = TOKEN.findall(rng.choice(TEXTS))
    inner = [k for k, token in enumerate(tokens) if token.strip() and token not in "(){}"]
    for _ in range(rng.randint(1, 3)):
        i, j = rng.choice(inner), rng.choice(inner)
        kind = rng.randrange(4)
        if kind == 0:
            tokens[i], tokens[j] = tokens[j], tokens[i]
        elif kind == 1:
            tokens[i] = rng.choice(sorted(WORDS))
        elif kind == 2:
            tokens[i] = str(rng.choice((0, -1, 7, 10**6, 10**30)))
        else:
            tokens[i] = ""
    return "".join(tokens)


def babble(rng: random.Random) -> str:
    words = sorted(WORDS)
    return "(game " + " ".join(rng.choice((*"(){}", rng.choice(words), str(rng.randrange(99)))) for _ in range(200))


def noise(rng: random.Random) -> str:
    return "".join(chr(rng.randrange(0x110000)) for _ in range(rng.randrange(300)))


def subtree(rng: random.Random) -> str:
    """A text in which one bracketed expression is replaced by one of another text, often of the same head."""
    first, second = rng.choice(TEXTS), rng.choice(TEXTS)
    a, b = _bracket(first, rng.choice(HEAD.findall(first)), rng)
    wanted = HEAD.match(first, a)
    assert wanted is not None
    heads = HEAD.findall(second)
    c, d = _bracket(second, wanted[0] if wanted[0] in heads else rng.choice(heads), rng)
    return first[:a] + second[c:d] + first[b:]


def _bracket(text: str, head: str, rng: random.Random) -> tuple[int, int]:
    start = rng.choice([found.start() for found in HEAD.finditer(text) if found[0] == head])
    depth = 0
    for end in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[end], 0)
        if not depth:
            return start, end + 1
    return start, len(text)


MAKERS: tuple[Callable[[random.Random], str], ...] = (
    nested, cut, spliced, damaged, shuffled, shuffled, babble, noise, subtree, subtree, subtree,
)  # fmt: skip


def outcome(text: str) -> str:
    """Compile and play a text; return the kind of its first fault, or the status of its evaluation."""
    compiled = ENGINE.compile(text, LIMITS)
    if isinstance(compiled, Diagnostics):
        assert compiled.items and all(item.kind in DIAGNOSTIC_KINDS for item in compiled.items)
        assert compiled.render(text)
        return compiled.items[0].kind
    metrics = ENGINE.evaluate(compiled, playouts=2, max_turns=20, limits=LIMITS)
    assert metrics.status in STATUSES and metrics.status != "engine_error", (metrics, text)
    return metrics.status


def hostile_texts(rng: random.Random) -> Iterator[str]:
    """Yield texts without end, as many from each maker."""
    return (MAKERS[number % len(MAKERS)](rng) for number in count())


def resident_mib(pid: int) -> float:
    return psutil.Process(pid).memory_info().rss / 2**20


@pytest.mark.timeout(36_000)
def test_hostile_texts_end_under_a_kind_and_leave_no_memory_behind():
    rng, seen = random.Random(SEED), Counter[str]()
    for _ in range(200):
        outcome(rng.choice(MAKERS)(rng))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for text in islice(hostile_texts(rng), COUNT):
        seen[outcome(text)] += 1
    assert seen["syntax"] and seen["ok"] and seen["argument"] + seen["type"]
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(COUNT, dict(seen), f"{grown:.0f} MiB more")
    assert grown < 200


MARGIN_S = 10.0
"""Seconds over the limit that a loaded machine may take to notice it."""
LIVELY = game(LEAF, 3)
"""A text that every engine plays."""


class Worker:
    """A Ludii process that takes texts, and what became of them."""

    def __init__(self) -> None:
        self.engine = LudiiEngine()
        self.seen: Counter[str] = Counter()
        self.faults: list[Any] = []
        self.apart: list[dict[str, str]] = []
        self.slowest_s = self.largest_mib = 0.0

    def take(self, texts: list[str]) -> None:
        for text in texts:
            self.engine.start()  # outside of the time that is measured
            started, starts = time.monotonic(), self.engine.num_starts
            try:
                found = self.engine.score_text(text, 2, 20, limits=LUDII_LIMITS)
            except Exception as error:  # what no text may cause
                found = Metrics("engine_error", message=repr(error))
            if self.engine.num_starts == starts:
                self.slowest_s = max(self.slowest_s, time.monotonic() - started)
            self.largest_mib = max(self.largest_mib, *map(resident_mib, self.engine.pids), 0)
            self.book(text, found)

    def book(self, text: str, found: Metrics) -> None:
        refused = found.status == "not_compilable"
        kinds = [item.kind for item in found.diagnostics]
        self.seen[kinds[0] if refused and kinds else found.status] += 1
        bad = found.status not in STATUSES or found.status == "engine_error"
        if bad or (refused and not (kinds and set(kinds) <= set(DIAGNOSTIC_KINDS))):
            self.faults.append((found, text))
        elif refused and not isinstance(ENGINE.compile(text, LIMITS), Diagnostics):
            self.apart.append({"text": text, "ludii": found.message})

    def survives_a_kill(self) -> bool:
        """Kill the process and return whether another one plays the next text."""
        os.kill(self.engine.pids[0], signal.SIGKILL)
        return self.engine.score_text(LIVELY, 2, 20, limits=Limits(wall_s=300)).status == "ok"


@pytest.mark.java
@pytest.mark.timeout(36_000)
def test_hostile_texts_end_under_a_kind_in_ludii_too(ludii):
    texts, workers = hostile_texts(random.Random(SEED)), [Worker() for _ in range(LUDII_WORKERS)]
    for worker in workers:
        worker.engine.start()
        assert worker.survives_a_kill()
    before, end, done = resident_mib(os.getpid()), time.monotonic() + LUDII_MINUTES * 60, 0
    while done < LUDII_COUNT and time.monotonic() < end:
        share = min(50, max(1, (LUDII_COUNT - done) // LUDII_WORKERS))
        with ThreadPoolExecutor(LUDII_WORKERS) as pool:
            list(pool.map(Worker.take, workers, [list(islice(texts, share)) for _ in workers]))
        done += share * LUDII_WORKERS
        print(*summary(workers, resident_mib(os.getpid()) - before), flush=True)
    assert all(worker.survives_a_kill() for worker in workers)
    for worker in workers:
        worker.engine.close()
    if path := os.environ.get("FORMALRL_HOSTILE_REPORT"):
        Path(path).write_text("".join(json.dumps(one) + "\n" for worker in workers for one in worker.apart))
    assert [fault for worker in workers for fault in worker.faults] == []
    assert max(worker.slowest_s for worker in workers) < (LUDII_LIMITS.wall_s or 0) + GRACE_S + MARGIN_S
    assert max(worker.largest_mib for worker in workers) < 3000 and resident_mib(os.getpid()) - before < 200


def summary(workers: list[Worker], grown: float) -> tuple[object, ...]:
    seen = sum((worker.seen for worker in workers), Counter[str]())
    sizes = [resident_mib(pid) for worker in workers for pid in worker.engine.pids]
    slowest, largest = max(w.slowest_s for w in workers), max(w.largest_mib for w in workers)
    starts, apart = sum(w.engine.num_starts for w in workers), sum(len(w.apart) for w in workers)
    memory = f"workers {[round(size) for size in sizes]} MiB, at most {largest:.0f}, here {grown:.0f} MiB more"
    return sum(seen.values()), dict(seen), f"{starts} starts, slowest {slowest:.0f} s, {apart} apart, {memory}"


EVIL = {
    "two loops over a board": game(LOOPS[0].format(LOOPS[0].format(LEAF)), 30),
    "six loops over a board": game("(forEach Site (sites Board) " * 6 + LEAF + ")" * 6, 30),
    "loops over numbers": game(LOOPS[1].format(LOOPS[1].format(LOOPS[1].format(LEAF)))),
    "a wide range": game(f"(forEach Value min:0 max:1000000000000 {LEAF})"),
    "filters in filters": game(
        "(add (piece 0) (to (forEach (sites Board) if:(all Sites (sites Board) if:"
        "(all Sites (sites Board) if:(all Sites (sites Board) if:(!= (count Pieces) 500)))))))",
        30,
    ),
    "regions that double": game(
        '(add (piece 0) (to (sites "R0")))',
        30,
        " ".join(f'(regions "R{k}" (union (sites "R{k + 1}") (sites "R{k + 1}")))' for k in range(60))
        + ' (regions "R60" (sites Empty))',
    ),
    "a region of itself": game('(add (piece 0) (to (sites "R")))', 5, '(regions "R" (union (sites "R") (sites "R")))'),
    "a long sum in loops": game(
        f"(forEach Site (sites Board) (forEach Site (sites Board) (if (= (+ {{{'(count Pieces) ' * 2000}}}) 5)"
        f" {LEAF})))",
        30,
    ),
    "a sum of many regions": game(f"(add (piece 0) (to (union {{{'(sites Board) ' * 5000} (sites Empty)}})))", 30),
    "moves that ask for moves": game("(if (can Move " * 12 + LEAF + f") (forEach Site (sites Board) {LEAF}))" * 12),
    "captures that hop": game(
        "(forEach Piece)",
        9,
        '(piece "Cat" Each ' + "(hop (between (apply " * 20 + "(remove (between))" + "))) " * 20 + ")",
    ),
    "deep brackets": "(" * 100_000,
    "deep sums": game(f"(if (= {'(+ 1 ' * 5000}1{')' * 5000} 5) (pass))"),
    "a huge board": game(LEAF, 10**9),
    "a negative board": game(LEAF, -3),
    "an endless name": '(game "' + "x" * 99_000,
    "nothing but NUL": "\0" * 1000,
    "lone surrogates": "(game \ud800)",
    "wrong brackets": "(game { ( } ) )",
}


@pytest.mark.parametrize("name", EVIL)
def test_evil_texts_end_within_the_budget(name):
    text = EVIL[name]
    game = ENGINE.compile(text, LIMITS)
    if isinstance(game, Diagnostics):
        return
    metrics = ENGINE.evaluate(game, playouts=2, max_turns=20, limits=LIMITS)
    assert metrics.status in ("timeout", "ok", "unplayable")


def test_nested_loops_are_a_time_out_and_the_same_at_every_try():
    text = EVIL["filters in filters"]
    compiled = ENGINE.compile(text)
    assert not isinstance(compiled, Diagnostics)
    metrics = ENGINE.evaluate(compiled, playouts=2)
    assert metrics.status == "timeout" and "operations" in metrics.message
    assert metrics == ENGINE.evaluate(compiled, playouts=2)


def test_the_operations_of_an_evaluation_are_limited_together():
    compiled = ENGINE.compile(TEXTS[0])
    assert not isinstance(compiled, Diagnostics)
    some = ENGINE.evaluate(compiled, playouts=50, limits=Limits(max_total_work=2_000))
    assert some.status == "timeout" and 0 < some.playouts < 50
