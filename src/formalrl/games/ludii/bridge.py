"""Ludii's classes, called from Python: compile a text, play it at random, expand it. One JVM a process, never two.

Every answer is plain data for JSON. What the text did wrong is in the answer; only a JVM that is broken raises.
"""

import importlib
import time
from array import array
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from formalrl.games.engine import seed_of
from formalrl.games.ludii.tally import Tally
from formalrl.games.ludii.texts import crossing

OPTIONS = (
    "-Xmx2g",
    "-Xss8m",
    "-Djava.awt.headless=true",
    "-XX:+UseSerialGC",
    "-XX:-UsePerfData",
    "-XX:+SuppressFatalErrorMessage",
)
CHUNK = 64
"""Moves between two looks at the budget."""
KEPT = 4
"""Compiled games that are kept for the next request about the same text."""
FIRST = (
    '(game "First" (players 2) (equipment {(board (square 3)) (piece "Disc" Each)}) '
    "(rules (play (move Add (to (sites Empty)))) (end (if (is Line 3) (result Mover Win)))))"
)
"""Compiled when the process starts, since the first game of a JVM builds the grammar, which takes seconds."""


class OutOfMemory(Exception):
    """The JVM's heap is full; the process has to be replaced."""


class Bridge:
    """A running JVM with Ludii's classes."""

    def __init__(self, jvm: str, jar: str) -> None:
        """Start the JVM and build the grammar. Raises whatever is wrong with them."""
        self.jpype: Any = importlib.import_module("jpype")
        self.jpype.startJVM(jvm, *OPTIONS, classpath=[jar], convertStrings=False)
        java = self.jpype.JClass
        silence = java("java.io.PrintStream")(java("java.io.OutputStream").nullOutputStream())
        java("java.lang.System").setOut(silence)
        java("java.lang.System").setErr(silence)
        self.java = java
        self.Description = java("main.grammar.Description")
        self.Report = java("main.grammar.Report")
        self.Context = java("other.context.Context")
        self.Trial = java("other.trial.Trial")
        self.compiler = java("compiler.Compiler")
        self.expander = java("parser.Expander")
        self.utilities = java("other.RankUtils").agentUtilities
        self.natural = str(java("main.Status$EndType").NaturalEnd)
        self.Random = java("java.util.Random")
        self.SplitMix64 = java("org.apache.commons.rng.core.source64.SplitMix64")
        self.start_site, self.end_site = self._site_getter("from"), self._site_getter("to")
        self.games: OrderedDict[str, Any] = OrderedDict()
        if "errors" in (answer := self.compile({"text": FIRST})):
            raise RuntimeError(f"this Ludii does not compile a simple game: {answer['errors']}")

    def answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answer to a request: `{"do": "compile" | "score" | "expand" | "count" | "parse", "text": ...}`."""
        actions = {
            "compile": self.compile,
            "score": self.score,
            "expand": self.expand,
            "count": self.count,
            "parse": self.parse,
        }
        return actions[request["do"]](request)

    def compile(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return name, sites of the board and players, or `errors`."""
        game = self._compiled(request["text"])
        if isinstance(game, list):
            return {"errors": game}
        sites, most = int(game.board().numSites()), request.get("max_sites")
        if most is not None and int(game.equipment().totalDefaultSites()) > most:
            return {"errors": [f"the board has more than {most} sites"]}
        return {"name": str(game.name()), "sites": sites, "players": int(game.players().count())}

    def score(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return the counts of random playouts as a dict of Metrics, with `errors` where the text does not compile."""
        deadline = time.monotonic() + request["wall_s"]
        compiled = self.compile(request)
        if "errors" in compiled:
            return compiled
        game = self._compiled(request["text"])
        tally = Tally(compiled["players"], compiled["sites"])
        try:
            message, status = self._playouts(game, request, tally, deadline), "timeout"
        except self.jpype.JException as error:
            self._unless_full(error)
            message, status = _first_line(error), "unplayable"
        return {**tally.counts(), "status": status if message else "ok", "message": message}

    def _playouts(self, game: Any, request: Mapping[str, Any], tally: Tally, deadline: float) -> str:
        """Play; return which budget was spent, or an empty text."""
        seed = seed_of(request["text"], request["seed"])
        random = self.Random(_signed(seed))
        game.disableMemorylessPlayouts()  # they skip the legal moves, which are counted
        game.setMaxTurns(request["max_turns"])
        game.setMaxMoveLimit(request["max_moves"])
        trial = self.Trial(game)
        context = self.Context(game, trial)
        context.rng().restoreState(self.SplitMix64(self.jpype.JLong(_signed(seed))).saveState())
        trial.storeLegalMovesHistorySizes()
        most = request["max_total_moves"]
        for _ in range(request["playouts"]):
            self._start(game, context, trial)
            while not trial.over():
                game.playout(context, None, 1.0, None, 0, CHUNK, random)
                if tally.moves + int(trial.numberRealMoves()) > most:
                    return f"more than {most} moves"
                if time.monotonic() > deadline:
                    return f"more than {request['wall_s']:g} seconds"
            self._take(game, context, trial, tally)
        return ""

    def _start(self, game: Any, context: Any, trial: Any) -> None:
        """Start a playout; the moves of the first position may be known already and are counted here then."""
        game.start(context)
        sizes = trial.auxilTrialData()
        sizes.clear()
        known = trial.cachedLegalMoves()
        if known is not None and not known.moves().isEmpty():
            sizes.updateNewLegalMoves(known, context)

    def _take(self, game: Any, context: Any, trial: Any, tally: Tally) -> None:
        moves = int(trial.numberRealMoves())
        natural = str(trial.status().endType()) == self.natural
        best = [p for p, utility in enumerate(self.utilities(context)) if p and utility == 1.0]
        sizes = _ints(trial.auxilTrialData().legalMovesHistorySizes().toArray())[:moves]
        tally.add(natural, best[0] if len(best) == 1 else 0, int(trial.numTurns()), moves, sizes)
        played = trial.generateRealMovesList()
        for getter in (self.start_site, self.end_site):
            tally.use(_ints(played.stream().mapToInt(getter).toArray()))

    def expand(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return the text with its defines and options expanded, or `errors`."""
        report, description = self.Report(), self.Description(crossing(request["text"]))
        try:
            self.expander.expand(description, self._no_options(), report, False)
        except self.jpype.JException as error:
            self._unless_full(error)
            return {"errors": self._said(report, error)}
        expanded = description.expanded()
        if report.isError() or expanded is None:
            return {"errors": self._said(report, None)}
        return {"text": str(expanded)}

    def count(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return how many sequences of 1, 2, ... moves there are; lists end where a count passes `most`."""
        game = self._compiled(request["text"])
        if isinstance(game, list):
            return {"errors": game}
        context = self.Context(game, self.Trial(game))
        totals: list[int] = []
        try:
            game.start(context)
            states = [context]
            for ply in range(request["depth"]):
                if ply:
                    states = [new for state in states for new in self._successors(game, state)]
                totals.append(sum(int(game.moves(state).moves().size()) for state in states))
                if totals[-1] > request["most"]:
                    break
        except self.jpype.JException as error:
            self._unless_full(error)
            return {"errors": [_first_line(error)]}
        return {"counts": totals}

    def _successors(self, game: Any, context: Any) -> list[Any]:
        out: list[Any] = []
        for move in game.moves(context).moves():
            new = self.Context(context)
            game.apply(new, move)
            if not new.trial().over():
                out.append(new)
        return out

    def parse(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return how many expressions of each of the `pieces` there are and how many of them Ludii can read."""
        grammar = self.java("grammar.Grammar").grammar()
        total = parsed = 0
        for piece in request["pieces"]:
            description = self.Description(crossing(piece))
            report = self.Report()
            try:
                self.expander.expand(description, self._no_options(), report, False)
                if not report.isError():
                    description.createParseTree()
                tree = None if report.isError() else description.parseTree()
                if tree is not None:
                    items = self._match(tree, grammar, report)
                    tree.parse(None, report, None)
                    parsed += sum(bool(item.doesParse()) for item in items)
                    total += len(items)
                    continue
            except self.jpype.JException as error:
                self._unless_full(error)
            total += max(1, piece.count("(") + piece.count("{"))
        return {"total": total, "parsed": parsed}

    def _match(self, item: Any, grammar: Any, report: Any) -> list[Any]:
        """Give each expression its meanings; return all of them."""
        self.java("parser.Parser").matchSymbols(item, grammar, report)
        out = [item]
        for part in item.arguments():
            out += self._match(part, grammar, report)
        return out

    def _compiled(self, text: str) -> Any:
        """Return a game, or a list of what Ludii says against it."""
        if text in self.games:
            self.games.move_to_end(text)
            return self.games[text]
        report = self.Report()
        try:
            game = self.compiler.compile(self.Description(crossing(text)), self._no_options(), report, False)
        except self.jpype.JException as error:
            self._unless_full(error)
            return self._said(report, error)
        if game is None:
            return self._said(report, None)
        self.games[text] = game
        if len(self.games) > KEPT:
            self.games.popitem(last=False)
        return game

    def _said(self, report: Any, error: Any) -> list[str]:
        said = [str(line) for line in report.errors()]
        return said or ([str(error)] if error is not None else ["Ludii does not accept this and does not say why"])

    def _no_options(self) -> Any:
        return self.java("main.options.UserSelections")(self.java("java.util.ArrayList")())

    def _unless_full(self, error: Any) -> None:
        cause = error
        for _ in range(10):
            if cause is None:
                return
            if isinstance(cause, self.java("java.lang.OutOfMemoryError")):
                raise OutOfMemory
            cause = cause.getCause()

    def _site_getter(self, name: str) -> Any:
        """Return `Move.from` or `Move.to` as a Java function, so that all moves are asked in one call."""
        java = self.java
        lookup = java("java.lang.invoke.MethodHandles").publicLookup()
        kind = java("java.lang.invoke.MethodType").methodType(java("java.lang.Integer").TYPE)
        handle = lookup.findVirtual(java("other.move.Move").class_, name, kind)
        wanted = java("java.util.function.ToIntFunction").class_
        return java("java.lang.invoke.MethodHandleProxies").asInterfaceInstance(wanted, handle)


def _ints(values: Any) -> "array[int]":
    """Return a Java int[], copied in one piece."""
    out = array("i")
    out.frombytes(memoryview(values).tobytes())
    return out


def _signed(seed: int) -> int:
    return seed - (1 << 64) if seed >= 1 << 63 else seed


def _first_line(error: Any) -> str:
    return str(error).strip().partition("\n")[0][:300] or type(error).__name__
