import pytest

from formalrl.errors import ConfigError
from formalrl.games import commands


def test_check_shows_carets(tmp_path, line_text):
    good, bad = tmp_path / "good.lud", tmp_path / "bad.lud"
    good.write_text(line_text)
    bad.write_text(line_text.replace("Empty", "Emptyy"))
    assert commands.check(good)["ok"]
    found = commands.check(bad)
    assert not found["ok"] and "^" in found["text"] and "Did you mean 'Empty'" in found["text"]
    (fault,) = found["diagnostics"]
    assert bad.read_text()[fault["start"] : fault["end"]] in ("Emptyy", "(is Emptyy (to))")
    assert fault["line"] == 1 + bad.read_text()[: fault["start"]].count("\n") and fault["column"] >= 1


def test_evaluate_gives_counts_and_measures(tmp_path, line_text):
    path = tmp_path / "g.lud"
    path.write_text(line_text)
    metrics, result = commands.evaluate(path, 20)
    assert metrics.playouts == 20
    assert result["status"] == "ok" and result["playouts"] == 20
    assert "balance" in commands.evaluation_text(result)


def test_play_shows_every_move():
    shown: list[str] = []
    winner = commands.play("Row of Stones", ("uct", "random"), iterations=5, show=shown.append)
    assert winner in (0, 1, 2) and len(shown) > 5
    shown.clear()
    commands.play("Row of Stones", ("human", "random"), ask=lambda moves: 0, show=shown.append)
    assert any("player 1" in line for line in shown)


def test_a_page_holds_the_replays(tmp_path):
    target = tmp_path / "game.html"
    assert commands.write_page("Row of Stones", target).status == "ok"
    text = target.read_text()
    assert "Row of Stones" in text and "replays" in text and "http" not in text.replace("http-equiv", "")


def test_unknown_games_and_players_are_refused():
    with pytest.raises(ConfigError):
        commands.check("no such game")
    with pytest.raises(ConfigError):
        commands.play("Row of Stones", ("cheater", "random"))
