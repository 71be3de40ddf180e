"""The games of the user's own jar as a local data set: each expanded text in a file, and an index of all."""

import json
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath

from formalrl.errors import ConfigError
from formalrl.games.engine import Diagnostics
from formalrl.games.ludii.engine import LudiiEngine

INDEX = "games.jsonl"
NAME = re.compile(r'\(\s*(?:game|match)\s+"([^"]*)"')
PLAYERS = re.compile(r"\(players\s+(\d+|\{)")
EXPAND_S = 10.0
"""Seconds that one game may take."""


@dataclass(frozen=True, slots=True)
class ImportedGame:
    """A line of `games.jsonl`."""

    name: str
    path: str
    """Of the file, from the folder of the data set."""
    category: str
    """Ludii's, such as `board/war/replacement/checkmate/chess`."""
    players: int | None
    """None where the text does not say."""
    length: int
    """Characters of the expanded text."""


@dataclass(frozen=True, slots=True)
class Import:
    """What an import came to."""

    games: Sequence[ImportedGame]
    failed: Sequence[tuple[str, str]]
    """Path in the jar and why."""


def check_folder(folder: str | Path) -> Path:
    """Return the folder for a data set. Raises ConfigError when something else stands there."""
    path = Path(folder)
    if path.exists() and not path.is_dir():
        raise ConfigError(f"{str(folder)!r} is a file, but the games need a folder: name another.")
    if path.is_dir() and any(path.iterdir()) and not (path / INDEX).is_file():
        raise ConfigError(f"the folder {str(folder)!r} holds other files (no {INDEX}): name a new one.")
    return path


def import_games(
    engine: LudiiEngine, folder: str | Path, progress: Callable[[int, int, str], None] | None = None
) -> Import:
    """Expand every game of the engine's jar into a folder: a `.lud` file each below its category, and `games.jsonl`.

    Args:
        engine: with the jar.
        folder: new, empty, or an earlier import, whose files are replaced.
        progress: is told after each game: how many are done, of how many, and why it failed (or an empty text).

    Raises ConfigError for a folder that holds other things and EngineError when Ludii does not run.
    """
    target = check_folder(folder)
    engine.start()
    games: list[ImportedGame] = []
    failed: list[tuple[str, str]] = []
    with zipfile.ZipFile(engine.installation.jar) as archive:
        entries = sorted(name for name in archive.namelist() if name.startswith("lud/") and name.endswith(".lud"))
        for number, entry in enumerate(entries, 1):
            text = archive.read(entry).decode("utf-8", errors="replace")
            expanded = engine.expand(text, EXPAND_S)
            why = _refusal(entry, text, expanded)
            if isinstance(expanded, Diagnostics) or why:
                failed.append((entry, why))
            else:
                games.append(_write(target, PurePosixPath(entry).relative_to("lud"), expanded))
            if progress is not None:
                progress(number, len(entries), f"{entry}: {why}" if why else "")
    target.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps(asdict(game), ensure_ascii=False) for game in games)
    (target / INDEX).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return Import(games, failed)


def _refusal(entry: str, text: str, expanded: str | Diagnostics) -> str:
    """Return why an entry gives no game; an empty text when it gives one."""
    if ".." in PurePosixPath(entry).parts:
        return "its path leads out of the folder"
    if isinstance(expanded, Diagnostics):
        return "its rules hold open choices, [...]" if "[" in text else expanded.items[0].message
    return "" if NAME.search(expanded) else "it is no game"


def _write(folder: Path, path: PurePosixPath, text: str) -> ImportedGame:
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"{text.strip()}\n", encoding="utf-8")
    match = NAME.search(text)
    name = match.group(1) if match else path.stem
    return ImportedGame(name, str(path), str(path.parent), num_players(text), len(text.strip()))


def num_players(text: str) -> int | None:
    """Return how many players an expanded game is for; None where the text does not say."""
    match = PLAYERS.search(text)
    if match is None:
        return None
    if match.group(1) != "{":
        return int(match.group(1))
    depth, end = 1, match.end()
    while end < len(text) and depth:
        depth += {"{": 1, "}": -1}.get(text[end], 0)
        end += 1
    return len(re.findall(r"\(player\b", text[match.end() : end]))
