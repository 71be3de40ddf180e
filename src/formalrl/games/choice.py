"""Which engine a command plays with: the embedded one, or the user's own Ludii."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from formalrl.errors import ConfigError
from formalrl.games.embedded.engine import EmbeddedEngine
from formalrl.games.engine import Diagnostics, Limits, Metrics
from formalrl.games.ludii.engine import LudiiEngine, LudiiGame

EngineName = Literal["embedded", "ludii"]


@dataclass(frozen=True, slots=True)
class EngineChoice:
    """An engine by name, with what it needs."""

    name: EngineName = "embedded"
    ludii_jar: str | None = None
    """Path of Ludii.jar; None takes `LUDII_JAR`."""
    full_language: bool = False
    """Take texts with defines and options, as in Ludii's own files."""
    wall_s: float | None = None
    """Seconds after which an evaluation is given up; None: none for the embedded engine, a minute for ludii."""

    @contextmanager
    def open(self) -> "Generator[OpenEngine, None, None]":
        """Yield the engine. Raises ConfigError when it cannot be had, EngineError when it does not run."""
        limits = Limits(wall_s=self.wall_s)
        if self.wall_s is not None and not self.wall_s > 0:
            raise ConfigError(f"--wall-s is {self.wall_s:g}, but must be above 0.")
        if self.name == "embedded":
            for option, given in (("--ludii-jar", self.ludii_jar), ("--full-language", self.full_language)):
                if given:
                    raise ConfigError(f"{option} is for the ludii engine, but the engine is embedded: --engine ludii.")
            yield OpenEngine("embedded", EmbeddedEngine(), limits)
            return
        with LudiiEngine(self.ludii_jar, full_language=self.full_language) as engine:
            yield OpenEngine(f"ludii {engine.installation.version}", engine, limits)


@dataclass(frozen=True, slots=True)
class OpenEngine:
    """A running engine with its limits."""

    title: str
    engine: EmbeddedEngine | LudiiEngine
    limits: Limits

    def check(self, text: str) -> str | Diagnostics:
        """Return in a line what compiles, or why nothing does."""
        game = self.engine.compile(text, self.limits)
        if isinstance(game, Diagnostics):
            return game
        if isinstance(game, LudiiGame):
            return f"{game.name!r} compiles in {self.title}: {game.sites} sites, {game.players} players."
        pieces = ", ".join(c.name for c in game.equipment.components[1:])
        return f"{game.name!r} compiles: {game.board_size} sites, pieces {pieces or 'none'}."

    def score(self, text: str, playouts: int, max_turns: int, seed: int) -> Metrics:
        """Return the counts of random play."""
        if isinstance(self.engine, LudiiEngine):
            return self.engine.score_text(text, playouts, max_turns, seed, self.limits)
        game = self.engine.compile(text, self.limits)
        if isinstance(game, Diagnostics):
            return Metrics(game.status, diagnostics=game.items, message=game.items[0].message)
        return self.engine.evaluate(game, playouts, max_turns, seed, self.limits)
