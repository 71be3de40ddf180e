"""`formalrl games export`: the best new games that a policy wrote, from the samples of its run folder."""

import json
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from formalrl.errors import ConfigError
from formalrl.experiments.runs import SAMPLES, read_rows
from formalrl.games import commands, metrics
from formalrl.games.embedded.engine import EmbeddedEngine
from formalrl.games.embedded.program import Game, choose
from formalrl.games.engine import Diagnostics
from formalrl.games.fim import cut, read_prompt
from formalrl.games.masking import mask_names
from formalrl.games.view import picture
from formalrl.rewards.games import KINDS, GamesReward, played

INDEX = "games.json"


@dataclass(frozen=True)
class Written:
    """A game that a policy wrote, with what it filled in."""

    text: str
    prompt: str
    completion: str
    answer: str
    base: str
    step: int


def export(run: str | Path, target: str | Path | None, count: int = 5, playouts: int = 100) -> dict[str, Any]:
    """Write the best new games of a run, and return where they are and what they are worth.

    Each game has its text (.lud), a picture of its board (.svg) and a page that replays it (.html); `games.json` holds
    metrics and all rewards. Best is the highest quality over `playouts` random playouts.

    Raises:
        ConfigError: when the folder has no samples of the games task, or no new game among them can be played.
    """
    folder = Path(run)
    rows = list(read_rows(folder / SAMPLES, []))
    written = list(_written(rows))
    if not written:
        raise ConfigError(
            f"{str(run)!r} has no samples of the task games: give the folder of a `formalrl train games` run that has"
            " been evaluated."
        )
    ranked = sorted(written, key=lambda one: -metrics.quality(played(one.text, playouts, _MAX_TURNS), _MAX_TURNS))
    best = [one for one in ranked if metrics.quality(played(one.text, playouts, _MAX_TURNS), _MAX_TURNS) > 0][:count]
    if not best:
        raise ConfigError(
            f"none of the {len(written)} games in the samples of {str(run)!r} is new and can be played: train longer,"
            " or log more samples with --num-logged-samples."
        )
    out = Path(target) if target else folder / "games"
    out.mkdir(parents=True, exist_ok=True)
    entries = [_write(one, out, number, playouts) for number, one in enumerate(best, 1)]
    (out / INDEX).write_text(json.dumps(entries, indent=1) + "\n", encoding="utf-8")
    return {"output_dir": str(out), "games": entries}


_MAX_TURNS = GamesReward().max_turns


def _written(rows: Sequence[Mapping[str, Any]]) -> Iterable[Written]:
    """The different games of some samples that are none of those that the blanks were cut from."""
    asked = [row for row in rows if "answer" in (row.get("columns") or {}) and read_prompt(row.get("prompt"))]
    seen = {_filled(row, row["columns"]["answer"]) for row in asked}
    for row in asked:
        blank, middle = read_prompt(row.get("prompt")), cut(str(row.get("completion", "")))
        if blank is None or middle is None:
            continue
        columns, text = row["columns"], _filled(row, middle)
        if text not in seen and not isinstance(EmbeddedEngine().compile(text), Diagnostics):
            seen.add(text)
            yield Written(text, blank.prompt, middle, columns["answer"], columns.get("game", ""), row.get("step", 0))


def _filled(row: Mapping[str, Any], middle: str) -> str:
    blank = read_prompt(row["prompt"])
    assert blank is not None, "prompts of other formats were left out"
    return mask_names(blank.prefix + middle + blank.suffix)


def _write(one: Written, out: Path, number: int, playouts: int) -> dict[str, Any]:
    stem = out / f"game-{number}"
    game = EmbeddedEngine().compile(one.text)
    assert isinstance(game, Game), "it compiled before"
    stem.with_suffix(".lud").write_text(one.text + "\n", encoding="utf-8")
    stem.with_suffix(".svg").write_text(picture(game, _position(game)), encoding="utf-8")
    commands.write_page(stem.with_suffix(".lud"), stem.with_suffix(".html"))
    rewards = {
        kind: GamesReward(kind)(one.prompt, one.completion, answer=one.answer, playouts=playouts)["reward"]
        for kind in KINDS
    }
    found = metrics.as_dict(played(one.text, playouts, _MAX_TURNS), _MAX_TURNS)
    return {
        "file": stem.with_suffix(".lud").name,
        "base_game": one.base,
        "step": one.step,
        "filled_in": one.completion,
        "taken_out": one.answer,
        "rewards": rewards,
        "metrics": found,
        "text": one.text,
    }


def _position(game: Game) -> list[int]:
    """The board halfway through a random playout."""
    frames: list[list[int]] = []
    c, rng = game.start(), random.Random(0)
    while True:
        frames.append(commands.frame_of(game, c))
        if c.over or game.is_cut(c, _MAX_TURNS):
            return frames[len(frames) // 2]
        game.play(c, choose(game, c, rng)[0])
