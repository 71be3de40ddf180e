import json

import pytest

from formalrl.cli import main
from formalrl.games.embedded.engine import EmbeddedEngine
from formalrl.games.engine import Diagnostics
from formalrl.games.fim import blanks
from formalrl.games.library import games
from formalrl.games.masking import mask_names


@pytest.fixture
def run(tmp_path):
    text = mask_names(games()["Row of Stones"].text)
    blank = next(blank for blank in blanks(text) if blank.middle.startswith("(is Line"))
    columns = {"answer": blank.middle, "game": "Row of Stones"}
    fills = ["(is Line 3)", "(is Line  3) junk", "(is Line 5)", "(is Lion 3)", "(is Line", blank.middle]
    rows = [{"step": 7, "prompt": blank.prompt, "completion": fill, "columns": columns} for fill in fills]
    rows.append({"step": 7, "prompt": "2 + 2 =", "completion": "4", "columns": {"answer": "4"}})
    (tmp_path / "samples.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n")
    return tmp_path


def test_the_best_new_games_are_written_with_picture_page_metrics_and_rewards(run, capsys):
    assert main(["games", "export", str(run), "--playouts", "20", "--json"]) == 0
    entries = json.loads(capsys.readouterr().out)["games"]
    assert {entry["filled_in"] for entry in entries} == {"(is Line 3)", "(is Line 5)"}  # the copy, twins, faults: out
    qualities = [entry["metrics"]["quality"] for entry in entries]
    assert qualities == sorted(qualities, reverse=True)
    assert json.loads((run / "games" / "games.json").read_text()) == entries
    for number, entry in enumerate(entries, 1):
        assert entry["rewards"].keys() == {"graded", "final", "paper", "gavel"} and entry["step"] == 7
        text = (run / "games" / f"game-{number}.lud").read_text()
        assert not isinstance(EmbeddedEngine().compile(text), Diagnostics)
        assert (run / "games" / f"game-{number}.svg").read_text().startswith("<svg")
        assert "<html" in (run / "games" / f"game-{number}.html").read_text()


def test_a_count_and_a_folder_can_be_given(run, tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["games", "export", str(run), "--count", "1", "--playouts", "10", "--output-dir", str(out)]) == 0
    assert "game-1.lud" in capsys.readouterr().out and not (out / "game-2.lud").exists()


def test_a_folder_without_games_is_named(tmp_path, capsys):
    assert main(["games", "export", str(tmp_path)]) == 2
    assert "no samples of the task games" in capsys.readouterr().err
