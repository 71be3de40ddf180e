"""Board games, the paper's hardest task (arXiv 2410.17126): write the missing middle of a game's rules.

A prompt is a game without one of its bracketed expressions, `### PRE:<prefix>### SUF: <suffix>### MID:`, with masked
names; a completion is read up to the bracket that closes its first one. The reward comes from playing the game that
it makes at random; see `rewards.games`. A base game and all of its variants are held out when the SHA-1 of its name
is divisible by 5, or when `held_out` names it.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from formalrl.errors import ConfigError
from formalrl.games.choice import EngineName
from formalrl.games.fim import Blank, cut, layout
from formalrl.games.grammar import GameGrammar
from formalrl.games.ludii.find import find
from formalrl.rewards.call import deterministic
from formalrl.rewards.games import GamesReward, Kind
from formalrl.tasks.game_corpus import CorpusGame, Cut, chosen_blanks, divided
from formalrl.tasks.game_tokenizer import game_tokenizer
from formalrl.types import Prompt

if TYPE_CHECKING:
    from tokenizers import Tokenizer

LEVELS = {1: 6, 2: 12, 3: 24, 4: None}
"""Level -> tokens of the longest middle; None: max_completion_tokens."""
SUBWORDS = 3
"""Tokens that a pretrained model's tokenizer needs for one word of the language, at most."""


@dataclass(frozen=True)
class Games:
    """Games with a blank, rewarded by how well they play. Example: `Games(scoring="paper")`."""

    scoring: Kind = "graded"
    """`graded`: dense, in [0, 1]. `final`: its last stage alone. `paper`: that of arXiv 2410.17126. `gavel`: that of
    arXiv 2407.09388."""
    level: int = 2
    """Middles of at most 6 (1), 12 (2), 24 (3) tokens, or of max_completion_tokens (4)."""
    data: str | None = None
    """A folder of .lud files; None: the library with its variants."""
    held_out: tuple[str, ...] = ()
    """Base games that are held out; none: those whose SHA-1 is divisible by 5."""
    min_completion_tokens: int = 1
    """Shortest middle, in words of the language."""
    max_completion_tokens: int = 40
    """Longest middle, in words of the language."""
    max_prompt_tokens: int = 160
    """Longest prompt, in words of the language."""
    min_length_ratio: float = 0.0
    """Shortest middle as a share of its prompt, in [0, 1); the paper trains with 0.2."""
    examples_per_game: int = 400
    """Blanks of one base game over all of its variants, at most."""
    playouts: int = 10
    """Of random play in training, 2 or more."""
    eval_playouts: int = 100
    """The same in evaluation."""
    max_turns: int = 100
    """Turns of each player after which a playout is cut, 5 or more."""
    copy_factor: float = 0.5
    """What `graded` and `final` are multiplied by when the completion is what was taken out, in [0, 1]; 1: nothing."""
    skill_weight: float = 0.0
    """Share of quality that is how often UCT beats random play, in [0, 1]; see `rewards.games`."""
    skill_games: int = 10
    """Games of UCT against random play, where `skill_weight` or `gavel` asks for it, 1 or more."""
    engine: EngineName = "embedded"
    """Who plays the games: embedded, or ludii, your own Ludii.jar in worker processes."""
    ludii_jar: str | None = None
    """Path of Ludii.jar for the engine ludii; none: what the environment variable LUDII_JAR names."""
    seed: int = 0
    """Fixes which blanks are chosen."""

    def __post_init__(self) -> None:
        """Check the configuration. Raises ConfigError."""
        if self.level not in LEVELS:
            raise ConfigError(f"level is {self.level!r}, but games have the levels {min(LEVELS)} to {max(LEVELS)}.")
        self._reward()
        leasts = (("examples_per_game", 1), ("playouts", 2), ("eval_playouts", 2), ("max_prompt_tokens", 20))
        for name, least in (("min_completion_tokens", 1), *leasts):
            if getattr(self, name) < least:
                raise ConfigError(f"{name} is {getattr(self, name)!r}, but must be {least} or more: raise it.")
        if self.min_completion_tokens > self._longest():
            raise ConfigError(
                f"min_completion_tokens is {self.min_completion_tokens}, but no middle is longer than"
                f" {self._longest()}: lower it, or raise max_completion_tokens or level."
            )
        if not 0 <= self.min_length_ratio < 1:
            raise ConfigError(f"min_length_ratio is {self.min_length_ratio!r}, but is a share: set it in [0, 1).")

    def train_prompts(self) -> Sequence[Prompt]:
        """Return the prompts that training may use; no base game has more than `examples_per_game` of them."""
        return _prompts(self)[0]

    def eval_prompts(self) -> Sequence[Prompt]:
        """Return the held-out prompts, the base games in turn, so that the first ones are of many games."""
        return _prompts(self)[1]

    @deterministic
    def reward(self, prompt: Any, completion: str, **columns: Any) -> Mapping[str, float]:
        """Return the reward with its parts; see `rewards.games`."""
        return self._reward()(prompt, completion, **columns)

    def is_correct(self, prompt: Any, completion: str, **columns: Any) -> bool:
        """Return whether the game can be played and is not the one that the blank was cut from."""
        return self.reward(prompt, completion, **columns)["playable_new"] == 1.0

    def answer_of(self, completion: str) -> str:
        """Return what is read of a completion, in its shortest layout."""
        return layout(cut(completion) or completion.strip())

    def examples(self, n: int, seed: int = 0) -> list[tuple[str, str]]:
        """Return at most `n` training prompts with what was taken out; none is of a held-out game."""
        prompts = self.train_prompts()
        chosen = random.Random(f"examples:{seed}").sample(range(len(prompts)), min(n, len(prompts)))
        return [(str(prompts[i].text), prompts[i].columns["answer"]) for i in chosen]

    def tokenizer(self) -> "Tokenizer":
        """Return the tokenizer of a fresh model: the words of the language and of the training games."""
        return game_tokenizer(game.text for game in _divided(self)[0])

    def grammar(self, spell: Callable[[str], int]) -> GameGrammar:
        """Return the middles that fit a blank: one expression of a type that its place asks for."""
        return GameGrammar(spell)

    def defaults(self) -> Mapping[str, Any]:
        """Return the settings that suit the task: sampled evaluations, as many games are right."""
        length = SUBWORDS * self._longest() + 1
        java = LUDII if self.engine == "ludii" else {}
        return {"max_completion_length": length, "eval_temperature": 1.0, "num_eval_prompts": 128, **java}

    def fresh_defaults(self) -> Mapping[str, Any]:
        """Return the settings under which a small fresh model learns the language and then to write games."""
        return {"max_completion_length": self._longest() + 2, **LEARNING}

    def levels(self) -> Sequence[int]:
        """Return the levels of difficulty, easiest first."""
        return sorted(LEVELS)

    def at_level(self, level: int) -> "Games":
        """Return the task with middles up to a level's length. Raises ConfigError when there is no such level."""
        return replace(self, level=level)

    def _reward(self) -> GamesReward:
        skill = self.skill_weight, self.skill_games
        return GamesReward(self.scoring, self.max_turns, self.copy_factor, *skill, self.engine, self.ludii_jar)

    def _longest(self) -> int:
        """Tokens of the longest middle."""
        return min(LEVELS.get(self.level) or self.max_completion_tokens, self.max_completion_tokens)


LEARNING: Mapping[str, Any] = {
    "model": {"preset": "small", "architecture": "llama", "initializer_range": 0.05},
    "warm_start": {"num_examples": 12_000, "batch_size": 8, "learning_rate": 3e-3, "loss_on": "text"},
    "algorithm": "grpo",
    "prompts_per_step": 16,
    "num_generations": 8,
    "learning_rate": 3e-4,
    "max_steps": 100,
}
"""Settings for a fresh model: a warm start that learns the language, and steps that make games better."""
LUDII: Mapping[str, Any] = {"reward_memory_gib": None, "reward_timeout_s": 300.0}
"""Room and time for a Java runtime: to start, and to give up a game and try it once more."""


@lru_cache(maxsize=8)
def _prompts(task: Games) -> tuple[tuple[Prompt, ...], tuple[Prompt, ...]]:
    """(training prompts, held-out prompts). Raises ConfigError, also where Ludii is asked and not there."""
    if task.engine == "ludii":
        find(task.ludii_jar)
    longest = task._longest()  # pyright: ignore[reportPrivateUsage]
    wanted = Cut(task.min_completion_tokens, longest, task.max_prompt_tokens, task.min_length_ratio)
    sides: list[tuple[Prompt, ...]] = []
    for found, playouts in zip(_divided(task), (task.playouts, task.eval_playouts), strict=True):
        blanks = chosen_blanks(found, wanted, task.examples_per_game, task.seed)
        sides.append(tuple(_prompt(base, blank, playouts) for base, blank in blanks))
    if not all(sides):
        raise ConfigError(
            "no expression of the games is as long as asked, on one side of the split at least: lower"
            " min_completion_tokens or min_length_ratio, or raise max_prompt_tokens or max_completion_tokens."
        )
    return sides[0], sides[1]


def _divided(task: Games) -> tuple[tuple[CorpusGame, ...], tuple[CorpusGame, ...]]:
    return divided(task.data, task.held_out, task.engine == "embedded")


def _prompt(base: str, blank: Blank, playouts: int) -> Prompt:
    return Prompt(blank.prompt, {"answer": blank.middle, "game": base, "playouts": playouts})
