"""How good a game is in which a completion fills the blank of its prompt: four rewards, by name.

`graded` is dense and bounded by 0 and 1: the completion closes its bracket, its calls parse, the game is of the right
types, compiles, plays, and plays well; all of it times a factor when the completion is a copy of what was taken out,
or makes a game that goes as the original does.

`final` is the last of these stages alone, how well it plays, times the same factor: what is left without the others.

`paper` is the reward of arXiv 2410.17126, task 3, exactly: `games.metrics.paper_reward`, with its holes. A game that
never ends earns 0.33, one that the first player always wins 0.67, a coin flip of two moves 0.99; copying what was
taken out earns most of the rest, since games that people wrote score 0.98 in the median.

`gavel` is the fitness of arXiv 2407.09388, with games of UCT against random play: for a final evaluation.

Budgets are in moves and operations, so a score depends on the text alone. An engine that fails is a failed scorer.
With Ludii in place of the embedded engine, a text that it compiles parses and is of the right types.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from formalrl.errors import ConfigError, EngineError, nearest
from formalrl.games import metrics as measures
from formalrl.games.choice import EngineName
from formalrl.games.embedded.engine import EmbeddedEngine, plays_alike
from formalrl.games.engine import Diagnostics, Limits, Metrics, seed_of
from formalrl.games.fim import Blank, Grade, cut, grade, layout, read_prompt
from formalrl.games.ludii.engine import LudiiEngine
from formalrl.games.masking import mask_names
from formalrl.games.uct import skill
from formalrl.rewards.call import deterministic

Kind = Literal["graded", "final", "paper", "gavel"]
KINDS: tuple[Kind, ...] = ("graded", "final", "paper", "gavel")
WEIGHTS = {"closes": 0.05, "parses": 0.15, "in_context": 0.05, "compiles": 0.1, "plays": 0.05, "quality": 0.6}
"""What each stage of the graded reward is worth."""
LIMITS = Limits(max_chars=20_000, max_nodes=5_000, max_sites=600, max_total_moves=50_000, max_work=500_000)
"""What a written game may cost; more of it is a time-out, by count, not by clock."""
PERFECT = Grade(True, 1.0, True)
CACHED = 20_000
"""Games whose play is remembered by a process."""


@dataclass(frozen=True)
class GamesReward:
    """The reward of a completion that fills a blank. Example: `GamesReward("paper")(prompt, "(sites Empty)")`."""

    kind: Kind = "graded"
    """`graded`: dense, in [0, 1]. `final`: its last stage alone. `paper`: that of arXiv 2410.17126. `gavel`: that of
    arXiv 2407.09388."""
    max_turns: int = 100
    """Turns of each player after which a playout is cut, 5 or more."""
    copy_factor: float = 0.5
    """What `graded` and `final` are multiplied by when the game is not new, in [0, 1]; 1: nothing."""
    skill_weight: float = 0.0
    """Share of quality that is, in `graded` and `final`, how often UCT beats random play, in [0, 1]; counted from a
    half up, and for games alone whose random play is balanced and has choices."""
    skill_games: int = 10
    """Games of UCT against random play, where it is asked, 1 or more."""
    engine: EngineName = "embedded"
    """Who compiles and plays the games: the embedded engine, or ludii, which has no UCT here."""
    ludii_jar: str | None = None
    """Path of Ludii.jar for the engine ludii; none: what the environment variable LUDII_JAR names."""

    def __post_init__(self) -> None:
        """Check the configuration. Raises ConfigError."""
        if self.kind not in KINDS:
            known = ", ".join(KINDS)
            raise ConfigError(
                f"there is no games reward {self.kind!r}: the known ones are {known}.{nearest(self.kind, KINDS)}"
            )
        for name, least in (("max_turns", 5), ("skill_games", 1)):
            if getattr(self, name) < least:
                raise ConfigError(f"{name} is {getattr(self, name)!r}, but must be {least} or more: raise it.")
        for name in ("copy_factor", "skill_weight"):
            if not 0 <= getattr(self, name) <= 1:
                raise ConfigError(f"{name} is {getattr(self, name)!r}, but is a share: set it between 0 and 1.")
        _check_engine(self)

    @deterministic
    def __call__(
        self, prompt: Any, completion: str, answer: str = "", playouts: int = 10, **columns: Any
    ) -> Mapping[str, float]:
        """Return the reward and its parts.

        Args:
            prompt: as `games.fim` writes it; in another format nothing can be filled and the reward is 0.
            completion: read up to the bracket that closes its first one.
            answer: what was taken out.
            playouts: of random play.

        Raises:
            EngineError: when the engine itself fails; the scorer has then failed, and the completion has no score.
        """
        blank = read_prompt(prompt)
        graded = grade(blank, completion, LIMITS) if blank else Grade(False, 0.0, False)
        middle = cut(completion)
        text = blank.prefix + middle + blank.suffix if blank and middle is not None else ""
        found = Metrics("not_compilable")
        if self.engine == "ludii":
            found = played_by_ludii(text, playouts, self.max_turns, self.ludii_jar) if text else found
            graded = PERFECT if _compiles(found) else graded
        elif graded.in_context:
            found = played(text, playouts, self.max_turns)
        if found.status == "engine_error":
            raise EngineError(f"The engine failed - {found.message} - report the game: {text[:500]}")
        new = layout(middle or completion) != layout(answer)
        if new and blank and _compiles(found):  # other names do not make another game
            original = blank.prefix + answer + blank.suffix
            new = mask_names(text, LIMITS) != mask_names(original, LIMITS)
            new = new and (found.status != "ok" or not same_play(text, original, self.max_turns))
        parts = _parts(graded, found, playouts, self.max_turns, new)
        return {"reward": self._reward(parts, found, text), **parts, **self._own_parts(found, text)}

    def _reward(self, parts: Mapping[str, float], found: Metrics, text: str) -> float:
        if self.kind == "paper":
            return measures.paper_reward(found)
        if self.kind == "gavel":
            return measures.gavel_fitness(found, self._skill(text)) if measures.passes_gate(found) else 0.0
        quality = parts["quality"]
        if self.skill_weight:
            learned = max(0.0, 2 * self._skill(text) - 1) if measures.passes_gate(found) else 0.0
            quality = (1 - self.skill_weight) * quality + self.skill_weight * learned
        last = parts["plays"] * quality
        return (_staged(parts, last) if self.kind == "graded" else last) * (1.0 if parts["new"] else self.copy_factor)

    def _own_parts(self, found: Metrics, text: str) -> dict[str, float]:
        """What only this reward looks at."""
        if self.kind == "paper":
            named = {
                "balance": measures.balance,
                "completion": measures.completion,
                "drawishness": measures.drawishness,
            }
            return {name: _finite(measure(found)) for name, measure in named.items()}
        asked = self.kind == "gavel" or self.skill_weight > 0
        return {"skill": self._skill(text) if measures.passes_gate(found) else 0.0} if asked else {}

    def _skill(self, text: str) -> float:
        return skill_of(text, self.skill_games, self.max_turns)


def all_rewards(text: str, found: Metrics, max_turns: int = 100, skill: float | None = None) -> dict[str, float]:
    """Return every reward of a whole game by its name; nothing counts as a copy.

    Args:
        text: the game.
        found: its counts of random play, by any engine.
        max_turns: turns of each player after which the playouts were cut.
        skill: how often UCT beat random play; `gavel` does without where it is None.
    """
    graded = PERFECT if _compiles(found) else grade(Blank("", "", ""), text, LIMITS)
    parts = _parts(graded, found, max(1, found.playouts), max_turns, True)
    last = parts["plays"] * parts["quality"]
    gavel = measures.gavel_fitness(found, skill) if measures.passes_gate(found) else 0.0
    return {"graded": _staged(parts, last), "final": last, "paper": parts["paper_reward"], "gavel": gavel}


def _staged(parts: Mapping[str, float], last: float) -> float:
    """All stages together; `last` is what the last one is worth, in [0, 1]."""
    return WEIGHTS["quality"] * last + sum(WEIGHTS[name] * parts[name] for name in WEIGHTS if name != "quality")


def _parts(graded: Grade, found: Metrics, playouts: int, max_turns: int, new: bool) -> dict[str, float]:
    playable = found.status == "ok" and measures.mean_turns(found) >= 2
    return {
        "closes": float(graded.closes),
        "parses": graded.parses,
        "in_context": float(graded.in_context),
        "compiles": float(_compiles(found)),
        "plays": found.playouts / playouts,
        "quality": measures.quality(found, max_turns),
        "playable": float(playable),
        "new": float(new),
        "playable_new": float(playable and new),
        "paper_reward": measures.paper_reward(found),
    }


def _check_engine(reward: GamesReward) -> None:
    if reward.engine == "embedded" and reward.ludii_jar is not None:
        raise ConfigError(f"ludii_jar is {reward.ludii_jar!r}, but the engine is embedded: set engine to ludii.")
    if reward.engine == "ludii" and (reward.kind == "gavel" or reward.skill_weight):
        asked = "scoring gavel" if reward.kind == "gavel" else f"skill_weight {reward.skill_weight}"
        raise ConfigError(f"{asked} asks games of UCT, which only the embedded engine plays here: leave ludii out.")


def _compiles(found: Metrics) -> bool:
    return found.status not in ("not_compilable", "unsupported")


def _finite(value: float) -> float:
    return value if math.isfinite(value) else 0.0


@lru_cache(maxsize=CACHED)
def played(text: str, playouts: int, max_turns: int) -> Metrics:
    """Return the counts of random play of a text, or why there are none; depends on its arguments alone."""
    engine = EmbeddedEngine()
    game = engine.compile(text, LIMITS)
    if isinstance(game, Diagnostics):
        return Metrics(game.status, diagnostics=game.items, message=game.items[0].message)
    return engine.evaluate(game, playouts, max_turns, limits=LIMITS)


@lru_cache(maxsize=CACHED)
def same_play(text: str, original: str, max_turns: int) -> bool:
    """Return whether a game goes as the original does, by the embedded engine; False where it refuses one of them."""
    one, other = (EmbeddedEngine().compile(each, LIMITS) for each in (text, original))
    if isinstance(one, Diagnostics) or isinstance(other, Diagnostics):
        return False
    return plays_alike(one, other, max_turns=max_turns)


@lru_cache(maxsize=CACHED)
def played_by_ludii(text: str, playouts: int, max_turns: int, jar: str | None = None) -> Metrics:
    """Return the same counts by Ludii, in a worker process of this process's own that stays warm.

    Raises:
        EngineError: when no worker can be started, or two died over the text. Nothing of it is remembered.
        ConfigError: when the jar, Java or JPype is missing.
    """
    found = ludii(jar).score_text(text, playouts, max_turns, limits=LIMITS)
    if found.status == "engine_error":
        raise EngineError(f"Ludii failed - {found.message} - report the game: {text[:500]}")
    return found


@lru_cache(maxsize=1)
def ludii(jar: str | None) -> LudiiEngine:
    """Return this process's Ludii; its worker starts with the first text and ends with the process."""
    return LudiiEngine(jar)


@lru_cache(maxsize=CACHED)
def skill_of(text: str, games: int, max_turns: int) -> float:
    """Return the share of games that UCT wins against random play, by the embedded engine; 0 for what it refuses."""
    game = EmbeddedEngine().compile(text, LIMITS)
    return 0.0 if isinstance(game, Diagnostics) else skill(game, games, seed=seed_of(text), max_turns=max_turns)
