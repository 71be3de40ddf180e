"""`formalrl games`: check, evaluate and play game descriptions, list the library, import Ludii's games."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table
from rich.text import Text

from formalrl.cli.games_evaluate import EvaluateOptions, evaluate, shown
from formalrl.cli.games_export import export
from formalrl.cli.games_import import show_import
from formalrl.cli.help import Command, show_help
from formalrl.cli.options import options_of, parse
from formalrl.cli.output import Outcome, results
from formalrl.errors import ConfigError, nearest
from formalrl.games import commands
from formalrl.games.choice import EngineChoice, EngineName
from formalrl.games.ludii.engine import LudiiEngine
from formalrl.games.ludii.importer import INDEX, check_folder, import_games

COMMAND = Command(
    "games",
    "check|evaluate|play GAME [OPTIONS]",
    "Check a board-game description, evaluate it by random play, or play it. GAME is a file or a game of the library; "
    "`formalrl games list` names those. `formalrl games import-ludii FOLDER` writes the games of your own Ludii.jar, "
    "`formalrl games export RUN` the best new games that a run's policy wrote.",
    (
        "games list",
        "games check my_game.lud",
        "games evaluate my_game.lud --playouts 100 --json",
        "games evaluate my_game.lud --engine ludii --ludii-jar ~/Ludii.jar",
        "games import-ludii data/ludii --ludii-jar ~/Ludii.jar",
        "games play 'Row of Stones' --first human --second uct",
        "games play my_game.lud --html my_game.html",
        "games export runs/games/grpo-seed0",
    ),
    "`check` ends with exit code 1 when the game does not compile, `evaluate` when it cannot be played.",
)


@dataclass(frozen=True)
class CheckOptions:
    """Options of `formalrl games check`."""

    engine: EngineName = "embedded"
    """Who reads and plays the game: embedded, or ludii (your own Ludii.jar)."""
    ludii_jar: str | None = None
    """Path of Ludii.jar, for the ludii engine; the environment variable LUDII_JAR when left out."""
    full_language: bool = False
    """With the ludii engine, also take defines, options and metadata, as in Ludii's own files."""
    wall_s: float | None = None
    """Seconds of the clock after which the game is given up; a minute with the ludii engine when left out."""
    json: bool = False
    """Print one JSON object on standard output, and everything else on standard error."""


@dataclass(frozen=True)
class ExportOptions:
    """Options of `formalrl games export`."""

    output_dir: str | None = None
    """Where the games go; RUN/games when left out."""
    count: int = 5
    """Games, the best first."""
    playouts: int = 100
    """Games of random play that judge each."""
    json: bool = False
    """Print one JSON object on standard output, and everything else on standard error."""


@dataclass(frozen=True)
class ListOptions:
    """Options of `formalrl games list`."""

    variants: bool = False
    """Name every variant, too."""
    json: bool = False
    """Print one JSON object on standard output, and everything else on standard error."""


@dataclass(frozen=True)
class PlayOptions:
    """Options of `formalrl games play`."""

    first: str = "random"
    """The first player: random, uct (searches) or human (asks at the terminal)."""
    second: str = "random"
    """The second player, likewise."""
    iterations: int = 200
    """Playouts of a searching player for each of its moves."""
    max_turns: int = 500
    """Turns of each player after which the game is cut."""
    seed: int = 0
    """Of the random and the searching players."""
    html: str | None = None
    """Write a page here, one file that opens offline, with the board and replays of random play, instead."""
    replays: int = 3
    """Playouts on that page."""


@dataclass(frozen=True)
class ImportOptions:
    """Options of `formalrl games import-ludii`."""

    ludii_jar: str | None = None
    """Path of Ludii.jar; the environment variable LUDII_JAR when left out."""
    json: bool = False
    """Print one JSON object on standard output, and everything else on standard error."""


def run(arguments: Sequence[str]) -> Outcome:
    """Run the command."""
    verb, rest = (arguments[0], arguments[1:]) if arguments else ("", ())
    if verb.startswith("-") or not verb:
        parse(arguments, list(options_of(CheckOptions)), command="games")
        return Outcome(lambda: show_help(results(), COMMAND, []))
    if verb not in _VERBS:
        known = ", ".join(_VERBS)
        raise ConfigError(f"there is no `games {verb}`: the known ones are {known}.{nearest(verb, _VERBS)}")
    options, action = _VERBS[verb]
    listed = list(options_of(options))
    parsed = parse(rest, listed, command=f"games {verb}")
    if parsed.help:
        return Outcome(lambda: show_help(results(), COMMAND, listed))
    wanted = {"list": "", "import-ludii": "FOLDER", "export": "RUN"}.get(verb, "GAME")
    if len(parsed.positionals) != bool(wanted):
        raise ConfigError(
            f"games {verb} takes {f'one {wanted.lower()}' if wanted else 'no game'}, not {len(parsed.positionals)}: "
            f"write `formalrl games {verb}{f' {wanted}' if wanted else ''}`, with quotes around a name that has blanks."
        )
    return action(options(**parsed.values), *parsed.positionals)


def _check(options: CheckOptions, game: str) -> Outcome:
    found = commands.check(game, _engine(options))
    text = found.pop("text")
    return Outcome(lambda: _print(text), found if options.json else None, 0 if found["ok"] else 1)


def _evaluate(options: EvaluateOptions, game: str) -> Outcome:
    for name in ("playouts", "max_turns"):
        _positive(name, getattr(options, name))
    found = evaluate(options, game, _engine(options))
    code = 0 if found["status"] == "ok" else 1
    return Outcome(lambda: _print(shown(found)), found if options.json else None, code)


def _engine(options: CheckOptions | EvaluateOptions) -> EngineChoice:
    return EngineChoice(options.engine, options.ludii_jar, options.full_language, options.wall_s)


def _import(options: ImportOptions, folder: str) -> Outcome:
    check_folder(folder)
    with LudiiEngine(options.ludii_jar) as engine, show_import() as show:
        done = import_games(engine, folder, show)
    said = f"{folder} holds {len(done.games)} games of Ludii {engine.installation.version}, listed in {INDEX}"
    if done.failed:
        said += f"; {len(done.failed)} of the jar's could not be expanded"
    data = {"folder": folder, "games": len(done.games), "failed": [list(item) for item in done.failed]}
    return Outcome(lambda: _print(f"{said}."), data if options.json else None, 0 if done.games else 1)


def _export(options: ExportOptions, run: str) -> Outcome:
    for name in ("count", "playouts"):
        _positive(name, getattr(options, name))
    found = export(run, options.output_dir, options.count, options.playouts)
    lines = [
        f"{game['file']}: {game['filled_in']} for {game['taken_out']} in {game['base_game']}, "
        + ", ".join(f"{kind} {value:.2f}" for kind, value in game["rewards"].items())
        for game in found["games"]
    ]
    said = "\n".join([*lines, f"{found['output_dir']} holds them, each with a picture and a page."])
    return Outcome(lambda: _print(said), found if options.json else None)


def _play(options: PlayOptions, game: str) -> Outcome:
    for name in ("iterations", "max_turns", "replays"):
        _positive(name, getattr(options, name))
    if options.html is not None:
        target = options.html
        commands.write_page(game, target, options.replays, options.seed)
        return Outcome(lambda: _print(f"{target} shows the board and {options.replays} random playouts."))

    def show() -> None:
        ask = _ask if sys.stdin.isatty() else None
        players = options.first, options.second
        commands.play(game, players, options.seed, options.iterations, options.max_turns, ask, _print)

    return Outcome(show)


def _list(options: ListOptions) -> Outcome:
    rows = commands.library(options.variants)
    return Outcome(lambda: _show_list(rows), {"games": rows} if options.json else None)


def _show_list(rows: Sequence[Mapping[str, str]]) -> None:
    table = Table.grid(padding=(0, 3))
    for row in rows:
        table.add_row(Text(row["name"], "bold"), Text(row["family"]))
    results().print(table)


def _ask(moves: Sequence[str]) -> int:
    """Return which of the moves a person chooses; the end of the input stops the game like Ctrl-C."""
    while True:
        print(", ".join(f"{number}: {move}" for number, move in enumerate(moves, 1)))
        try:
            answer = input("your move (number): ").strip()
        except EOFError:
            raise KeyboardInterrupt from None
        if answer.isdecimal() and 1 <= int(answer) <= len(moves):
            return int(answer) - 1
        print(f"{answer!r} is none of 1 to {len(moves)}.")


def _positive(name: str, value: int) -> None:
    if value < 1:
        raise ConfigError(f"--{name.replace('_', '-')} is {value}, but must be at least 1.")


def _print(text: str) -> None:
    results().print(text, markup=False, soft_wrap=True)


_VERBS: Mapping[str, tuple[Any, Callable[..., Outcome]]] = {
    "check": (CheckOptions, _check),
    "evaluate": (EvaluateOptions, _evaluate),
    "play": (PlayOptions, _play),
    "list": (ListOptions, _list),
    "import-ludii": (ImportOptions, _import),
    "export": (ExportOptions, _export),
}
"""Verb -> its options and what it does."""
