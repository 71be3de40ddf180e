"""`formalrl games`."""

import json
from pathlib import Path

import pytest

from formalrl.cli import main
from formalrl.games import commands

GAME = "Row of Stones"


@pytest.fixture
def broken(tmp_path: Path) -> str:
    text = next(row["text"] for row in commands.library() if row["name"] == GAME)
    path = tmp_path / "broken.lud"
    path.write_text(text.replace("(board", "(bored", 1))
    return str(path)


def test_check_says_whether_a_game_compiles(broken: str, capsys: pytest.CaptureFixture[str]):
    assert main(["games", "check", GAME]) == 0
    assert "compiles" in capsys.readouterr().out
    assert main(["games", "check", broken]) == 1
    out = capsys.readouterr().out
    assert "^^^^^" in out and "bored" in out


def test_check_gives_places_as_json(broken: str, capsys: pytest.CaptureFixture[str]):
    assert main(["games", "check", broken, "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["ok"] is False and found["status"] == "not_compilable"
    fault = found["diagnostics"][0]
    assert "bored" in Path(broken).read_text()[fault["start"] : fault["end"]]
    assert fault["line"] == 1 and fault["column"] == fault["start"] + 1


def test_evaluate_gives_the_same_counts_again(capsys: pytest.CaptureFixture[str]):
    command = ["games", "evaluate", GAME, "--playouts", "10", "--json"]
    assert main(command) == 0
    first = json.loads(capsys.readouterr().out)
    assert first["status"] == "ok" and first["playouts"] == 10
    assert main(command) == 0
    assert json.loads(capsys.readouterr().out) == first
    assert main([*command, "--seed", "1"]) == 0
    assert json.loads(capsys.readouterr().out) != first


def test_evaluate_fails_where_nothing_can_be_played(broken: str, capsys: pytest.CaptureFixture[str]):
    assert main(["games", "evaluate", broken, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["status"] == "not_compilable"


def test_play_ends_with_a_result(capsys: pytest.CaptureFixture[str]):
    assert main(["games", "play", GAME, "--second", "uct", "--iterations", "5"]) == 0
    out = capsys.readouterr().out
    assert "1. player 1" in out and out.rstrip().splitlines()[-1] in ("player 1 wins", "player 2 wins", "a draw")


def test_play_writes_a_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    page = tmp_path / "page.html"
    assert main(["games", "play", GAME, "--html", str(page), "--replays", "2"]) == 0
    assert page.read_text().count("player 1: ") > 2
    assert "player 1: " not in capsys.readouterr().out


def test_the_library_is_listed(capsys: pytest.CaptureFixture[str]):
    assert main(["games", "list", "--json"]) == 0
    base = json.loads(capsys.readouterr().out)["games"]
    assert GAME in [row["name"] for row in base]
    assert main(["games", "list", "--variants"]) == 0
    assert len(capsys.readouterr().out.splitlines()) > len(base)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["chek", GAME], "Did you mean 'check'?"),
        (["check"], "takes one game, not 0"),
        (["check", "Row", "of", "Stones"], "quotes around a name"),
        (["check", "no such game"], "no file and no library game 'no such game'"),
        (["evaluate", GAME, "--playouts", "0"], "--playouts is 0, but must be at least 1"),
        (["play", GAME, "--first", "cheater"], "no player 'cheater'"),
        (["play", GAME, "--first", "human"], "at a terminal, human"),
        (["play", GAME, "--html", "no/such/folder/page.html"], "in a folder that does not exist"),
        (["play", GAME, "--html", "."], "is a folder"),
    ],
)
def test_mistakes_are_named(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]):
    assert main(["games", *arguments]) == 2
    assert words in capsys.readouterr().err


def test_a_game_that_does_not_compile_is_not_played(broken: str, capsys: pytest.CaptureFixture[str]):
    assert main(["games", "play", broken]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1 and "does not compile (" in err and "bored" in err and "^" not in err


def test_the_end_of_the_input_stops_a_game(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    def end(_: str) -> str:
        raise EOFError

    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", end)
    assert main(["games", "play", GAME, "--first", "human"]) == 130
    assert "stopped." in capsys.readouterr().err
