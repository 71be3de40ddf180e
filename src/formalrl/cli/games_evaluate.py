"""`formalrl games evaluate`: what a game is worth, by every reward."""

from dataclasses import dataclass
from typing import Any

from formalrl.errors import ConfigError
from formalrl.games import commands
from formalrl.games.choice import EngineChoice, EngineName
from formalrl.games.metrics import passes_gate
from formalrl.rewards.games import all_rewards, skill_of


@dataclass(frozen=True)
class EvaluateOptions:
    """Options of `formalrl games evaluate`."""

    playouts: int = 100
    """Games of random play."""
    max_turns: int = 500
    """Turns of each player after which a playout is cut."""
    seed: int = 0
    """Of random play; the same text and seed give the same counts."""
    skill_games: int = 0
    """Games of UCT against random play, for the reward gavel; 0: it does without."""
    engine: EngineName = "embedded"
    """Who reads and plays the game: embedded, or ludii (your own Ludii.jar)."""
    ludii_jar: str | None = None
    """Path of Ludii.jar, for the ludii engine; the environment variable LUDII_JAR when left out."""
    full_language: bool = False
    """With the ludii engine, also take defines, options and metadata, as in Ludii's own files."""
    wall_s: float | None = None
    """Seconds of the clock after which an evaluation is given up; a minute with the ludii engine when left out."""
    json: bool = False
    """Print one JSON object on standard output, and everything else on standard error."""


def evaluate(options: EvaluateOptions, game: str, engine: EngineChoice) -> dict[str, Any]:
    """Return engine, counts of random play, measures and `rewards`, each by its name; `skill` where it was asked.

    Raises:
        ConfigError: when there is no such game, or skill is asked of an engine that has no searching player.
    """
    if options.skill_games < 0:
        raise ConfigError(f"--skill-games is {options.skill_games}, but must be 0 or more.")
    if options.skill_games and options.engine != "embedded":
        raise ConfigError("--skill-games asks games of UCT, which only the embedded engine plays: leave --engine out.")
    metrics, found = commands.evaluate(game, options.playouts, options.max_turns, options.seed, engine)
    text, skill = commands.read_game(game), None
    if options.skill_games:
        skill = skill_of(text, options.skill_games, options.max_turns) if passes_gate(metrics) else 0.0
        found["skill"] = skill
    return {**found, "rewards": all_rewards(text, metrics, options.max_turns, skill)}


def shown(found: dict[str, Any]) -> str:
    """Return an evaluation as lines of text."""
    rewards = [f"{f'reward {kind}':>18}  {value:.4g}" for kind, value in found["rewards"].items()]
    measures = {key: value for key, value in found.items() if key not in ("rewards", "paper_reward", "gavel_fitness")}
    return "\n".join([commands.evaluation_text(measures), *rewards])
