"""The embedded engine beside a stock Ludii.jar in a warm JVM: text -> 100 random playouts, the same games in turns.

    LUDII_JAR=Ludii.jar python benchmarks/engines.py [FOLDER] [--games 64] [--memory-games 300] [--save]

Without FOLDER the games are those of the library. FOLDER holds `.lud` files in the expanded language (`formalrl games
import-ludii` writes one). They are taken in an order drawn from a fixed seed, and a game counts when both engines play
it. Three sides: the embedded engine; our Ludii engine, which also counts legal moves and sites; and bare playouts of
Ludii that count nothing. Prints one JSON object.
"""

import argparse
import json
import multiprocessing
import os
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
from _report import append_history, circumstances, spread

from formalrl.games.embedded.engine import EmbeddedEngine
from formalrl.games.engine import Diagnostics, Limits, Metrics
from formalrl.games.library import games
from formalrl.games.ludii.bridge import Bridge, _signed
from formalrl.games.ludii.client import Client, Late
from formalrl.games.ludii.engine import LudiiEngine

BARE = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]);"
    "import engines; from formalrl.games.ludii import worker; worker.Bridge = engines.Bare;"
    "worker.main(*map(int, sys.argv[2:5]), *sys.argv[5:7])"
)


class Bare(Bridge):
    """Ludii's own fastest playouts: nothing is counted, no budget is looked at."""

    def _playouts(self, game: Any, request: Any, tally: Any, deadline: float) -> str:
        chance = self.Random(_signed(request["seed"]))
        game.setMaxTurns(request["max_turns"])
        context = self.Context(game, self.Trial(game))
        for _ in range(request["playouts"]):
            game.start(context)
            game.playout(context, None, 1.0, None, 0, -1, chance)
            tally.playouts += 1
        return ""


class Sides:
    """The three sides; each call plays one text and returns (status, wall seconds, processor seconds)."""

    def __init__(self, playouts: int, wall_s: float) -> None:
        self.playouts, self.limits = playouts, Limits(wall_s=wall_s)
        self.ludii = LudiiEngine()
        self.client = Client(str(self.ludii.installation.jvm), str(self.ludii.installation.jar), BARE)
        self.ludii.start()
        self.client.start()

    def embedded(self, text: str) -> tuple[str, float, float]:
        wall, cpu = time.perf_counter(), time.process_time()
        engine = EmbeddedEngine()
        game = engine.compile(text, self.limits)
        if isinstance(game, Diagnostics):
            return game.status, 0.0, 0.0
        status = engine.evaluate(game, self.playouts, limits=self.limits).status
        return status, time.perf_counter() - wall, time.process_time() - cpu

    def counting(self, text: str) -> tuple[str, float, float]:
        return self._timed(lambda: self.ludii.score_text(text, self.playouts, limits=self.limits).status, self.pid)

    def pid(self) -> int | None:
        return next(iter(self.ludii.pids), None)

    def bare(self, text: str) -> tuple[str, float, float]:
        fields = {"playouts": self.playouts, "max_turns": 500, "seed": 1, "wall_s": self.limits.wall_s}
        request = {"do": "score", "text": text, **fields}
        return self._timed(lambda: self._ask(request), lambda: self.client.pid)

    def _ask(self, request: dict[str, Any]) -> str:
        try:
            return str(self.client.ask(request, request["wall_s"]).get("status", "not_compilable"))
        except Late:
            self.client.start()
            return "timeout"

    def _timed(self, play: Callable[[], str], pid: Callable[[], int | None]) -> tuple[str, float, float]:
        wall, before, mine = time.perf_counter(), cpu_of(pid()), time.process_time()
        status = play()
        spent = cpu_of(pid()) - before + time.process_time() - mine
        return status, time.perf_counter() - wall, spent


def cpu_of(pid: int | None) -> float:
    """Return the processor seconds that a process has used, all its threads together."""
    if pid is None:
        return 0.0
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system


def candidates(folder: Path | None, most_chars: int) -> list[str]:
    """Return the texts of a folder, or of the library, that are short enough, mixed by a fixed seed."""
    if folder is None:
        texts = [game.text for game in games().values()]
    else:
        texts = [path.read_text(encoding="utf-8", errors="replace") for path in sorted(folder.rglob("*.lud"))]
    texts = [text for text in texts if len(text) <= most_chars]
    random.Random(0).shuffle(texts)
    return texts


def one_by_one(
    sides: Sides, texts: list[str], wanted: int, minutes: float, warm_up: int
) -> tuple[list[str], dict[str, Any]]:
    """Time games on all sides, the first side changing from game to game; return the texts and the figures."""
    played, left_out, rows = [], {"embedded does not play it": 0, "ludii does not": 0, "too slow": 0}, []
    end = time.monotonic() + 60 * minutes
    order: list[tuple[str, Callable[[str], tuple[str, float, float]]]]
    order = [("embedded", sides.embedded), ("ludii", sides.counting), ("ludii_bare", sides.bare)]
    for text in texts:
        if len(played) == wanted + warm_up or time.monotonic() > end:
            break
        if isinstance(EmbeddedEngine().compile(text), Diagnostics):
            left_out["embedded does not play it"] += 1
            continue
        order.append(order.pop(0))
        found = {name: side(text) for name, side in order}
        statuses = {name: status for name, (status, _, _) in found.items()}
        if "timeout" in statuses.values():
            left_out["too slow"] += 1
        elif statuses["embedded"] != "ok":
            left_out["embedded does not play it"] += 1
        elif statuses["ludii"] != "ok" or statuses["ludii_bare"] != "ok":
            left_out["ludii does not"] += 1
        else:
            played.append(text)
            rows.append(found)
            print(len(played), {n: round(v[2], 3) for n, v in found.items()}, file=sys.stderr, flush=True)
    rows = rows[warm_up:]
    if not rows:
        raise SystemExit("no game was timed: allow more --minutes, or another folder.")
    figures: dict[str, Any] = {"games": len(rows), "left_out": left_out}
    for clock, index in (("wall", 1), ("processor", 2)):
        seconds = {name: [row[name][index] for row in rows] for name, _ in order}
        figures[f"{clock}_s"] = {name: spread(values) for name, values in seconds.items()}
        figures[f"total_{clock}_s"] = {name: round(sum(values), 2) for name, values in seconds.items()}
        figures[f"times_as_fast_{clock}"] = {
            name: spread([b / a for a, b in zip(seconds["embedded"], seconds[name], strict=True)])
            for name in ("ludii", "ludii_bare")
        }
    return played[warm_up:], figures


def score(text: str) -> Metrics:
    """Play one text in a process of the pool."""
    return EmbeddedEngine().score_text(text)


def together(texts: list[str], cores: int) -> dict[str, Any]:
    """Return wall and processor seconds of all texts at once on some cores, with warm workers."""
    with multiprocessing.get_context("spawn").Pool(cores) as pool:
        pool.map(score, texts[:cores], chunksize=1)
        pids = [child.pid for child in psutil.Process().children() if "spawn_main" in " ".join(child.cmdline())]
        before, start = sum(map(cpu_of, pids)), time.perf_counter()
        pool.map(score, texts, chunksize=1)
        embedded = {"wall_s": time.perf_counter() - start, "processor_s": sum(map(cpu_of, pids)) - before}
    with LudiiEngine(workers=cores) as engine:
        engine.score_texts([texts[0]] * cores)
        before, start = sum(map(cpu_of, engine.pids)), time.perf_counter()
        engine.score_texts(texts)
        ludii = {"wall_s": time.perf_counter() - start, "processor_s": sum(map(cpu_of, engine.pids)) - before}
    rounded = {
        name: {k: round(v, 2) for k, v in side.items()} for name, side in (("embedded", embedded), ("ludii", ludii))
    }
    return {"games": len(texts), "cores": cores, **rounded}


def memory(texts: list[str], count: int) -> dict[str, Any]:
    """Return resident MiB after every tenth of `count` different games (renamed ones), 2 playouts each."""
    out: dict[str, Any] = {"games": count}
    step = max(1, count // 10)
    with LudiiEngine() as engine:
        engine.start()
        sides = {"embedded": (EmbeddedEngine().score_text, os.getpid()), "ludii": (engine.score_text, engine.pids[0])}
        for name, (play, pid) in sides.items():
            sizes = []
            for number in range(count):
                play(texts[number % len(texts)].replace('(game "', f'(game "{number} ', 1), 2)
                if number % step == step - 1:
                    sizes.append(round(psutil.Process(pid).memory_info().rss / 2**20))
            out[name] = sizes
    return out


def main() -> None:
    """Print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", help="of .lud files; without it, the games of the library")
    parser.add_argument("--games", type=int, default=64)
    parser.add_argument("--warm-up", type=int, default=8, help="games that every side plays before the clock runs")
    parser.add_argument("--playouts", type=int, default=100)
    parser.add_argument("--wall-s", type=float, default=30.0, help="a game that takes a side longer is left out")
    parser.add_argument("--minutes", type=float, default=60.0, help="after which no further game is timed")
    parser.add_argument("--max-chars", type=int, default=6000, help="of a game's text")
    parser.add_argument("--memory-games", type=int, default=300)
    parser.add_argument("--threads", type=int, default=2, help="cores for all games at once")
    parser.add_argument("--save", action="store_true", help="append to benchmarks/history/engines.jsonl")
    options = parser.parse_args()
    sides = Sides(options.playouts, options.wall_s)
    texts = candidates(options.folder, options.max_chars)
    chosen, figures = one_by_one(sides, texts, options.games, options.minutes, options.warm_up)
    versions = {"ludii": sides.ludii.installation.version, "java": java_version(sides.ludii.installation.jvm)}
    sides.ludii.close()
    sides.client.close()
    result = circumstances(["formalrl", "JPype1"], options.threads)
    result["versions"] |= versions
    result |= {"texts": "library" if options.folder is None else "folder"}
    result |= {"load": os.getloadavg()[1], "playouts": options.playouts, "one_by_one": figures}
    result["together"] = together(chosen, options.threads)
    result["memory_mib"] = memory(chosen, options.memory_games)
    print(json.dumps(result, indent=2))
    if options.save:
        append_history("engines", result)


def java_version(jvm: Path) -> str:
    """Return what the runtime's `release` file says, or an empty text."""
    for folder in jvm.parents:
        if (folder / "release").is_file():
            lines = (folder / "release").read_text(encoding="utf-8").splitlines()
            return next((line.split('"')[1] for line in lines if line.startswith("JAVA_VERSION=")), "")
    return ""


if __name__ == "__main__":
    main()
