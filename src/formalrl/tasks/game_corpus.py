"""Games to take expressions out of: the library with its variants, or a folder of .lud files; divided by base game."""

import hashlib
import random
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from formalrl.errors import ConfigError, nearest
from formalrl.games.embedded.engine import EmbeddedEngine
from formalrl.games.engine import Diagnostics
from formalrl.games.fim import Blank, blanks
from formalrl.games.library import games
from formalrl.games.masking import mask_names
from formalrl.tasks.game_tokenizer import count_tokens

HELD_OUT_ONE_IN = 5
"""A base game is held out when the SHA-1 of its name is divisible by this."""

_VARIANT = re.compile(r"[ _-]*(?:\d+|\([^()]*\))$")


@dataclass(frozen=True)
class CorpusGame:
    """A game with masked names in its shortest layout."""

    base: str
    """The game that it is a variant of; all variants are on one side of the split."""
    text: str


@dataclass(frozen=True)
class Cut:
    """Which expressions are taken out."""

    min_tokens: int
    """Of the expression."""
    max_tokens: int
    """Of the expression."""
    max_prompt_tokens: int
    min_length_ratio: float
    """Of the expression's tokens to its prompt's."""

    def allows(self, blank: Blank) -> bool:
        """Return whether an expression is neither too short nor too long."""
        if len(blank.middle) > 60 * self.max_tokens:
            return False
        middle = count_tokens(blank.middle)
        if not self.min_tokens <= middle <= self.max_tokens:
            return False
        prompt = count_tokens(blank.prompt)
        return prompt <= self.max_prompt_tokens and middle >= self.min_length_ratio * prompt


@lru_cache(maxsize=4)
def corpus(data: str | None, check: bool = True) -> tuple[CorpusGame, ...]:
    """Return the games that compile, no text twice.

    Args:
        data: a folder with .lud files, in subfolders too; None for the library with all variants. A file named
            "Name 2" or "Name (Small)" is a variant of the base game "Name".
        check: leave out what the embedded engine does not compile; False takes all files, for another engine.

    Raises:
        ConfigError: when the folder does not exist or holds no game that compiles.
    """
    if data is None:
        found = ((game.template, mask_names(game.text)) for game in games(all_variants=True).values())
        return _distinct(found)
    folder = Path(data).expanduser()
    if not folder.is_dir():
        raise ConfigError(
            f"task.data {data!r} is no folder: give one with .lud files, or leave it out for the library."
        )
    files = sorted(folder.rglob("*.lud"))
    read = ((base_name(file.stem), mask_names(file.read_text(encoding="utf-8", errors="replace"))) for file in files)
    engine = EmbeddedEngine()
    found = _distinct(
        (base, text) for base, text in read if not check or not isinstance(engine.compile(text), Diagnostics)
    )
    if not found:
        raise ConfigError(
            f"none of the {len(files)} .lud files in {data!r} compiles: look at one with `formalrl games check`."
        )
    return found


def base_name(name: str) -> str:
    """Return the name of the base game of a file: "Long Row 3" and "Long Row (Small)" are both "Long Row"."""
    return _VARIANT.sub("", name) or name


def is_held_out_game(base: str, held_out: tuple[str, ...] = ()) -> bool:
    """Return whether a base game is held out: because it is named, or by the SHA-1 of its name where none is."""
    if held_out:
        return base in held_out
    return int(hashlib.sha1(base.encode("utf-8", "surrogatepass")).hexdigest(), 16) % HELD_OUT_ONE_IN == 0


@lru_cache(maxsize=4)
def divided(
    data: str | None, held_out: tuple[str, ...], check: bool = True
) -> tuple[tuple[CorpusGame, ...], tuple[CorpusGame, ...]]:
    """Return (games for training, held-out games); `check` as in `corpus`.

    Raises:
        ConfigError: when a game of `held_out` does not exist, or one side would be empty.
    """
    found = corpus(data, check)
    bases = {game.base for game in found}
    for name in held_out:
        if name not in bases:
            raise ConfigError(f"task.held_out names {name!r}, which is no game of the corpus.{nearest(name, bases)}")
    training = tuple(game for game in found if not is_held_out_game(game.base, held_out))
    held = tuple(game for game in found if is_held_out_game(game.base, held_out))
    if not training or not held:
        missing = "for training" if held else "held out"
        raise ConfigError(
            f"the {len(bases)} base games of the corpus leave none {missing}: give more games, or name those to hold"
            " out with task.held_out."
        )
    return training, held


def chosen_blanks(found: Iterable[CorpusGame], cut: Cut, per_game: int, seed: int) -> list[tuple[str, Blank]]:
    """Return at most `per_game` (base game, blank) of every base game, over its variants, each game in turn."""
    by_base: dict[str, list[Blank]] = {}
    for game in found:
        by_base.setdefault(game.base, []).extend(blank for blank in blanks(game.text) if cut.allows(blank))
    drawn: list[list[tuple[str, Blank]]] = []
    for base, every in by_base.items():
        chance = random.Random(f"blanks:{seed}:{base}")
        drawn.append([(base, blank) for blank in chance.sample(every, min(per_game, len(every)))])
    random.Random(f"bases:{seed}").shuffle(drawn)
    longest = max((len(one) for one in drawn), default=0)
    return [one[turn] for turn in range(longest) for one in drawn if turn < len(one)]


def _distinct(found: Iterable[tuple[str, str]]) -> tuple[CorpusGame, ...]:
    texts: dict[str, str] = {}
    for base, text in found:
        texts.setdefault(text, base)
    return tuple(CorpusGame(base, text) for text, base in texts.items())
