"""The Ludii engine behind the protocol: texts are compiled and played by the user's own jar, in worker processes.

    with LudiiEngine("Ludii.jar", workers=2) as engine:
        all_metrics = engine.score_texts(texts)

Scores depend on text, seed and limits in moves, not on the load of the machine: the clock only ends what hangs.
"""

import queue
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from formalrl.errors import ConfigError, EngineError
from formalrl.games.engine import DEFAULT_LIMITS, Compiled, Diagnostic, Diagnostics, Limits, Metrics
from formalrl.games.ludii.client import Client, Died, Late
from formalrl.games.ludii.find import find
from formalrl.games.ludii.pieces import infill_pieces
from formalrl.games.ludii.texts import complaints, refusals

WALL_S = 60.0
"""Seconds for one text where the limits name none: compiling and all playouts together."""
GRACE_S = 2.0
"""Seconds after the limit at which a worker is killed that should have stopped by itself."""
TRIES = 2
"""Workers that may die over one text before that is booked as an error of the engine."""


@dataclass(frozen=True, slots=True)
class LudiiGame:
    """A game that Ludii compiled."""

    text: str
    name: str
    sites: int
    """Of the board."""
    players: int


class LudiiEngine:
    """Plays with a stock Ludii.jar. Close it, or use it as a context manager; its processes end with this one anyway.

    Threads may share an engine; a copy in another process has workers of its own.
    """

    def __init__(self, jar: str | Path | None = None, *, workers: int = 1, full_language: bool = False) -> None:
        """Find jar and Java; nothing is started before the first text.

        Args:
            jar: path of Ludii.jar; the environment variable `LUDII_JAR` when None.
            workers: processes, each with a JVM of up to 2 GB; as many texts are scored at once.
            full_language: also take texts with defines, options and metadata, as in Ludii's own files. Not for texts
                that a model wrote: these may expand without end.

        Raises ConfigError when the jar, Java or JPype is missing or unfit.
        """
        if workers < 1:
            raise ConfigError(f"the ludii engine has {workers} workers, but needs one: set 1 or more.")
        self.installation = find(jar)
        self.full_language = full_language
        self.num_workers = workers
        self._open()

    def _open(self) -> None:
        jvm, jar = str(self.installation.jvm), str(self.installation.jar)
        self._clients = [Client(jvm, jar) for _ in range(self.num_workers)]
        self._free: queue.LifoQueue[Client] = queue.LifoQueue()  # the warmest first
        for client in reversed(self._clients):
            self._free.put(client)

    def __getstate__(self) -> dict[str, Any]:
        """Return the settings; a copy starts its own workers."""
        kept = ("installation", "full_language", "num_workers")
        return {name: getattr(self, name) for name in kept}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        """Take the settings of another engine."""
        self.__dict__.update(state)
        self._open()

    @property
    def num_starts(self) -> int:
        """How many worker processes were started so far."""
        return sum(client.num_starts for client in self._clients)

    @property
    def pids(self) -> list[int]:
        """The process ids of the workers that run."""
        return [client.pid for client in self._clients if client.pid is not None]

    def start(self) -> None:
        """Start a worker now, to see whether Ludii runs here. Raises EngineError when it does not."""
        with self._client() as client:
            client.start()

    def compile(self, text: str, limits: Limits = DEFAULT_LIMITS) -> LudiiGame | Diagnostics:
        """Return a game, or why the text is none. Raises EngineError when no worker can do it."""
        refused = self._refused(text, limits)
        if refused:
            return Diagnostics(refused)
        request = {"do": "compile", "text": text, "max_sites": limits.max_sites}
        answer = self._ask(request, _wall(limits))
        late = answer.get("late")
        if late:
            return Diagnostics((Diagnostic("limit", str(late), 0, len(text)),))
        if "died" in answer:
            raise EngineError(f"{answer['died']}: try this game alone, and another Java runtime.")
        if "errors" in answer:
            return Diagnostics(complaints(answer["errors"], text))
        return LudiiGame(text, answer["name"], answer["sites"], answer["players"])

    def evaluate(
        self,
        game: Compiled,
        playouts: int = 100,
        max_turns: int = 500,
        seed: int = 0,
        limits: Limits = DEFAULT_LIMITS,
    ) -> Metrics:
        """Return the counts of random playouts; the same for the same text, seed and limits."""
        if not isinstance(game, LudiiGame):
            return Metrics("engine_error", message="this game was compiled by another engine")
        return self.score_text(game.text, playouts, max_turns, seed, limits)

    def score_text(
        self, text: str, playouts: int = 100, max_turns: int = 500, seed: int = 0, limits: Limits = DEFAULT_LIMITS
    ) -> Metrics:
        """Return the counts for a text; texts that do not compile have the status and the diagnostics that say why.

        Raises EngineError when no worker can be started.
        """
        refused = self._refused(text, limits)
        if refused:
            return _refusal(refused)
        request = {
            "do": "score",
            "text": text,
            "playouts": playouts,
            "max_turns": max_turns,
            "seed": seed,
            "max_moves": limits.max_moves,
            "max_total_moves": limits.max_total_moves,
            "max_sites": limits.max_sites,
            "wall_s": _wall(limits),
        }
        return _metrics(self._ask(request, _wall(limits)), text)

    def score_texts(
        self,
        texts: Sequence[str],
        playouts: int = 100,
        max_turns: int = 500,
        seed: int = 0,
        limits: Limits = DEFAULT_LIMITS,
    ) -> list[Metrics]:
        """Return the counts of each text, in order, as many at once as there are workers."""
        return self._map(lambda text: self.score_text(text, playouts, max_turns, seed, limits), texts)

    def expand(self, text: str, wall_s: float = WALL_S) -> str | Diagnostics:
        """Return a text of Ludii's own files with its defines and options expanded, or why that fails."""
        answer = self._ask({"do": "expand", "text": text}, wall_s)
        if "text" in answer:
            return answer["text"]
        problem = answer.get("late") or answer.get("died")
        if problem:
            return Diagnostics((Diagnostic("limit", str(problem), 0, len(text)),))
        return Diagnostics(complaints(answer["errors"], text))

    def move_counts(self, text: str, depth: int = 3, most: int = 20_000, wall_s: float = WALL_S) -> list[int] | None:
        """Return the number of move sequences of length 1, 2, ... from the start, up to the first count over `most`.

        Finished games are not continued. None when the text does not compile or it takes too long.
        """
        answer = self._ask({"do": "count", "text": text, "depth": depth, "most": most}, wall_s)
        return answer.get("counts")

    def parsed_share(self, infill: str, wall_s: float = 10.0) -> float:
        """Return the share of the expressions of a part of a game that Ludii can read by themselves, in [0, 1].

        A part that is no balanced text has 0, as has an empty one. It compiles only where it also fits its place.
        """
        pieces = infill_pieces(infill)
        if not pieces or refusals(infill, DEFAULT_LIMITS):
            return 0.0
        answer = self._ask({"do": "parse", "pieces": pieces}, wall_s)
        return answer["parsed"] / answer["total"] if answer.get("total") else 0.0

    def close(self) -> None:
        """End the workers; it may be called twice. The engine can be used again."""
        for client in self._clients:
            client.close()

    def __enter__(self) -> "LudiiEngine":
        """Return the engine."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the workers."""
        self.close()

    def _refused(self, text: str, limits: Limits) -> tuple[Diagnostic, ...]:
        return refusals(text, limits, live=not self.full_language)

    def _map(self, function: Callable[[Any], Any], items: Sequence[Any]) -> list[Any]:
        if self.num_workers == 1 or len(items) < 2:
            return [function(item) for item in items]
        pool = ThreadPoolExecutor(self.num_workers)
        try:
            return list(pool.map(function, items))
        except BaseException:  # Ctrl-C above all: whoever waits for an answer must not wait for its limit
            pool.shutdown(wait=False, cancel_futures=True)
            self.close()
            raise
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    @contextmanager
    def _client(self) -> "Generator[Client, None, None]":
        client = self._free.get()
        try:
            yield client
        finally:
            self._free.put(client)

    def _ask(self, request: Mapping[str, Any], wall_s: float) -> dict[str, Any]:
        """Return an answer, or `late` or `died` with what to say; a worker's death is tried again on a fresh one."""
        said = ""
        with self._client() as client:
            for _ in range(TRIES):
                try:
                    answer = client.ask(request, wall_s + GRACE_S)
                except Late:
                    return {"late": f"Ludii took more than {wall_s:g} seconds and was stopped"}
                except Died as death:
                    said = str(death)
                    continue
                if answer.get("full"):
                    return {"late": "the game needs more memory than Java has here (2 GB)"}
                return answer
        return {"died": f"the Ludii process ended without an answer{f' ({said})' if said else ''}"}


def _wall(limits: Limits) -> float:
    return WALL_S if limits.wall_s is None else limits.wall_s


def _refusal(items: tuple[Diagnostic, ...]) -> Metrics:
    return Metrics(Diagnostics(items).status, diagnostics=items, message=items[0].message)


def _metrics(answer: Mapping[str, Any], text: str) -> Metrics:
    if "late" in answer:
        return Metrics("timeout", message=answer["late"])
    if "died" in answer:
        return Metrics("engine_error", message=answer["died"])
    if "errors" in answer:
        return _refusal(complaints(answer["errors"], text))
    counts: dict[str, Any] = {**answer, "wins": tuple(answer["wins"])}
    return Metrics(**counts)
