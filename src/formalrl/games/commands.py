"""What `formalrl games` does: check a file, evaluate it, play it in the terminal or on a page."""

import random
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ..errors import ConfigError
from .choice import EngineChoice
from .embedded.engine import EmbeddedEngine
from .embedded.program import PASS, Game, choose
from .embedded.state import Move, State
from .engine import Diagnostic, Diagnostics, Metrics
from .metrics import as_dict
from .uct import Uct
from .view import page

EMBEDDED = EngineChoice()


def read_game(path: str | Path) -> str:
    """Return the text of a file, or of a game of the library when there is no such file.

    Raises:
        ConfigError: when there is neither.
    """
    from .library import games

    file = Path(path)
    if file.is_file():
        return file.read_text(encoding="utf-8", errors="replace")
    found = games(all_variants=True).get(str(path))
    if found is None:
        raise ConfigError(f"There is no file and no library game {str(path)!r}: give a path or a name of the library.")
    return found.text


def check(path: str | Path, engine: EngineChoice = EMBEDDED) -> dict[str, Any]:
    """Return whether a game compiles, `ok`, what there is to say about it, `text`, and its diagnostics with places."""
    text = read_game(path)
    with engine.open() as opened:
        found = opened.check(text)
    if isinstance(found, Diagnostics):
        places = [_place(text, item) for item in found.items]
        said = found.render(text, str(path))
        return {"game": str(path), "ok": False, "status": found.status, "diagnostics": places, "text": said}
    return {"game": str(path), "ok": True, "status": "ok", "diagnostics": [], "text": f"{path}: {found}"}


def _place(text: str, item: Diagnostic) -> dict[str, Any]:
    before = text[: item.start]
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    return {**asdict(item), "line": line, "column": column}


def library(all_variants: bool = False) -> list[dict[str, str]]:
    """Return name, family, text and rules in words (`about`) of the library's games, family by family."""
    from .library import games

    found = sorted(games(all_variants).values(), key=lambda game: game.family)
    return [{"name": game.name, "family": game.family, "about": game.about, "text": game.text} for game in found]


def evaluate(
    path: str | Path, playouts: int = 100, max_turns: int = 500, seed: int = 0, engine: EngineChoice = EMBEDDED
) -> tuple[Metrics, dict[str, object]]:
    """Return the counts of random play, and as plain data the engine, counts, measures and rewards; NaN is None."""
    text = read_game(path)
    with engine.open() as opened:
        metrics = opened.score(text, playouts, max_turns, seed)
    return metrics, {"engine": opened.title, **as_dict(metrics, max_turns)}


def evaluation_text(result: dict[str, object]) -> str:
    """Return an evaluation as lines of text."""
    shown = [(k, v) for k, v in result.items() if k != "diagnostics" and v not in ("", None)]
    return "\n".join(f"{k:>18}  {v:.4g}" if isinstance(v, float) else f"{k:>18}  {v}" for k, v in shown)


def compiled(path: str | Path) -> Game:
    """Return a game that compiles.

    Raises:
        ConfigError: with its first fault when it does not.
    """
    game = EmbeddedEngine().compile(read_game(path))
    if isinstance(game, Diagnostics):
        fault = game.items[0]
        raise ConfigError(
            f"{str(path)!r} does not compile ({fault.kind}: {fault.message.rstrip('.')}): correct it;"
            f" `formalrl games check` shows where."
        )
    return game


def board_text(game: Game, c: State) -> str:
    """Return the board as rows of letters, the first player's pieces in capitals, with hands and scores below."""
    rows, columns = game.equipment.measure.grid
    width = max(columns, default=0) + 1
    lines: list[list[str]] = [[" "] * width for _ in range(max(rows, default=0) + 1)]
    for site, (row, column) in enumerate(zip(rows, columns, strict=True)):
        lines[row][column] = _letter(game, c, site)
    out = [f"{number + 1:>3} {' '.join(line)}" for number, line in reversed(list(enumerate(lines)))]
    out.append("    " + " ".join(chr(65 + k % 26) for k in range(width)))
    for owner, sites in game.equipment.hands.items():
        held = " ".join(f"{_letter(game, c, s)}x{c.cnt[s]}" for s in sites if c.what[s])
        out.append(f"    hand {owner}: {held or '-'}")
    if any(c.scores):
        out.append(f"    scores: {c.scores[1]} : {c.scores[2]}")
    return "\n".join(out)


def _letter(game: Game, c: State, site: int) -> str:
    if not c.what[site]:
        return "."
    component = game.equipment.components[c.what[site]]
    if component.owner == 3 and game.counted:
        return str(min(c.cnt[site], 9))
    letter = component.base[:1] or "?"
    return letter.upper() if c.who[site] == 1 else letter.lower() if c.who[site] == 2 else "#"


def move_text(game: Game, move: Move) -> str:
    """Return a move by its coordinates."""
    if move is PASS or (move[0] < 0 and move[1] < 0):
        return "pass" if move is PASS else "special"
    names = {site: label for label, site in game.equipment.measure.labels.items()}
    start, end = names.get(move[0], f"hand {move[0]}"), names.get(move[1], f"hand {move[1]}")
    return end if start == end else f"{start}-{end}"


def play(
    path: str | Path,
    players: tuple[str, str] = ("random", "random"),
    seed: int = 0,
    iterations: int = 200,
    max_turns: int = 500,
    ask: Callable[[list[str]], int] | None = None,
    show: Callable[[str], None] = print,
) -> int:
    """Play one game; return the winner, 0 for a draw or a game that was cut.

    Args:
        path: A file or a library game.
        players: "random", "uct" or "human" for each player.
        seed: Of the random and the searching players.
        iterations: Playouts of a searching player for each move.
        max_turns: Turns of each player after which the game is cut.
        ask: Returns which of the listed moves a human plays.
        show: Where the board goes after every move.
    """
    for name in players:
        if name not in ("random", "uct", "human") or (name == "human" and ask is None):
            raise ConfigError(f"There is no player {name!r} here: use random, uct or, at a terminal, human.")
    game = compiled(path)
    rng, search = random.Random(seed), Uct(iterations)
    c = game.start()
    show(board_text(game, c))
    while not c.over and not game.is_cut(c, max_turns):
        kind, mover = players[c.seat - 1], c.seat
        if kind == "human" and ask is not None:
            moves = game.moves(c)
            move = moves[ask([move_text(game, m) for m in moves])]
        else:
            move = search.choose(game, c, rng) if kind == "uct" else choose(game, c, rng)[0]
        game.play(c, move)
        show(f"\n{c.moves}. player {mover}: {move_text(game, move)}\n{board_text(game, c)}")
    show("\n" + (f"player {c.winner} wins" if c.winner and c.over else "a draw" if c.over else "cut"))
    return c.winner if c.over else 0


def write_page(path: str | Path, target: str | Path, playouts: int = 3, seed: int = 0, max_moves: int = 300) -> Metrics:
    """Write a self-contained page that shows the board and replays random playouts; return the game's metrics.

    Raises:
        ConfigError: when the game does not compile or the page cannot stand there.
    """
    game, page_file = compiled(path), Path(target)
    if page_file.is_dir() or not page_file.parent.is_dir():
        why = "is a folder" if page_file.is_dir() else "stands in a folder that does not exist"
        raise ConfigError(f"the page {str(target)!r} {why}: give the name of a file in a folder that exists.")
    metrics = EmbeddedEngine().evaluate(game, 20, 200, seed)
    rng = random.Random(seed)
    replays: list[list[list[int]]] = []
    captions: list[list[str]] = []
    for _ in range(playouts):
        c = game.start()
        frames, texts = [frame_of(game, c)], ["start"]
        while not c.over and c.moves < max_moves:
            move, _choices = choose(game, c, rng)
            mover = c.seat
            game.play(c, move)
            frames.append(frame_of(game, c))
            texts.append(f"{c.moves}. player {mover}: {move_text(game, move)}")
        texts[-1] += f" - player {c.winner} wins" if c.over and c.winner else " - a draw" if c.over else ""
        replays.append(frames)
        captions.append(texts)
    page_file.write_text(page(game, replays, captions), encoding="utf-8")
    return metrics


def frame_of(game: Game, c: State) -> list[int]:
    """Return 1000 * component + count of every site: what `games.view` draws."""
    seeds = [n for n, k in enumerate(game.equipment.components) if n and k.owner == 3]
    return [c.what[s] * 1000 + (c.cnt[s] if c.what[s] in seeds else 0) for s in range(game.board_size)]
