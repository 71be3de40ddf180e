import json
from pathlib import Path

import pytest

from formalrl.errors import ConfigError
from formalrl.games.engine import Diagnostic, Diagnostics
from formalrl.games.ludii.importer import check_folder, import_games, num_players


class Engine:
    def __init__(self, jar: Path):
        self.installation = type("I", (), {"jar": jar})

    def start(self):
        pass

    def expand(self, text, wall_s):
        if "bad" in text:
            return Diagnostics((Diagnostic("syntax", "it is bad", 0, 1),))
        return text.replace("DEFINED", '(game "A" (players 2))')


@pytest.mark.parametrize(
    ("text", "players"),
    [
        ('(game "a" (players 3) (x))', 3),
        ('(game "a" (players {(player N) (player "x" {1} S)}) {(player E)})', 2),
        ('(game "a")', None),
    ],
)
def test_players_are_read_from_the_text(text, players):
    assert num_players(text) == players


def test_every_game_of_a_jar_becomes_a_file_and_a_line(tmp_path, fake_jar):
    entries = {
        "lud/board/war/A.lud": "DEFINED\n",
        "lud/puzzle/B b.lud": '(match "B" (players 1))',
        "lud/test/C.lud": "bad",
        "lud/D.lud": "(nothing)",
        "lud/../../E.lud": "DEFINED",
        "lud/readme.txt": "",
        "def/F.lud": "DEFINED",
    }
    told: list[tuple[int, int, str]] = []
    folder = tmp_path / "out" / "games"
    done = import_games(Engine(fake_jar(entries=entries)), folder, lambda *step: told.append(step))
    lines = [json.loads(line) for line in (folder / "games.jsonl").read_text().splitlines()]
    assert lines == [
        {"name": "A", "path": "board/war/A.lud", "category": "board/war", "players": 2, "length": 22},
        {"name": "B", "path": "puzzle/B b.lud", "category": "puzzle", "players": 1, "length": 23},
    ]
    assert (folder / "board/war/A.lud").read_text() == '(game "A" (players 2))\n'
    assert dict(done.failed) == {
        "lud/test/C.lud": "it is bad",
        "lud/D.lud": "it is no game",
        "lud/../../E.lud": "its path leads out of the folder",
    }
    assert [step[:2] for step in told] == [(n, 5) for n in range(1, 6)]
    assert not (tmp_path / "E.lud").exists()
    assert check_folder(folder) == folder  # again is fine


def test_open_choices_are_named_as_the_reason(tmp_path, fake_jar):
    jar = fake_jar(entries={"lud/A.lud": "bad [#]"})
    assert import_games(Engine(jar), tmp_path / "out").failed == [("lud/A.lud", "its rules hold open choices, [...]")]


def test_a_folder_of_other_things_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").touch()
    with pytest.raises(ConfigError, match="holds other files"):
        check_folder(tmp_path)
    with pytest.raises(ConfigError, match="is a file"):
        check_folder(tmp_path / "mine.txt")


@pytest.mark.java
def test_the_games_of_a_real_jar_are_expanded(ludii):
    raw = '(define "Three" (is Line 3)) (game "T" (players 2) (rules (end (if "Three" (result Mover Win)))))'
    expanded = ludii.expand(raw)
    assert isinstance(expanded, str)
    assert expanded.strip() == '(game "T" (players 2) (rules (end (if (is Line 3) (result Mover Win)))))'
    assert isinstance(ludii.expand('(define "A" "A") (game "A"'), Diagnostics)
