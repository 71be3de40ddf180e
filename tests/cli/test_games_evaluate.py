"""`formalrl games evaluate`, with every reward by its name."""

import json
from pathlib import Path

import pytest

from formalrl.cli import main

GAME = "Row of Stones"
FAST = ["--playouts", "10", "--json"]


def evaluated(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, object]:
    main(["games", "evaluate", *arguments, *FAST])
    return json.loads(capsys.readouterr().out)


def test_all_rewards_are_told_by_name(capsys: pytest.CaptureFixture[str]):
    found = evaluated(capsys, GAME)
    rewards = found["rewards"]
    assert isinstance(rewards, dict) and rewards.keys() == {"graded", "final", "paper", "gavel"}
    assert rewards["paper"] == found["paper_reward"] and rewards["final"] == found["quality"]
    assert rewards["graded"] == pytest.approx(0.4 + 0.6 * rewards["final"])
    assert rewards["gavel"] == found["gavel_fitness"] and "skill" not in found


def test_skill_is_played_where_it_is_asked(capsys: pytest.CaptureFixture[str]):
    plain, skilled = evaluated(capsys, GAME), evaluated(capsys, GAME, "--skill-games", "2")
    assert isinstance(skilled["rewards"], dict) and isinstance(plain["rewards"], dict)
    assert skilled["skill"] in (0.5, 0.75, 1.0)
    assert skilled["rewards"]["graded"] == plain["rewards"]["graded"]
    assert skilled["rewards"]["gavel"] != plain["rewards"]["gavel"]


def test_a_broken_game_has_what_its_calls_are_worth(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "broken.lud"
    path.write_text(
        '(game "B" (players 2) (equipment {(bored (square 3))}) (rules (play (move Add (to (sites Empty))))))'
    )
    rewards = evaluated(capsys, str(path))["rewards"]
    assert isinstance(rewards, dict) and 0.05 < rewards["graded"] < 0.25 and rewards["paper"] == 0.0


def test_the_text_has_a_line_a_reward(capsys: pytest.CaptureFixture[str]):
    assert main(["games", "evaluate", GAME, "--playouts", "10"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [line[1] for line in lines if line[0] == "reward"] == ["graded", "final", "paper", "gavel"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--skill-games", "-1"], "--skill-games is -1"),
        (["--skill-games", "2", "--engine", "ludii"], "only the embedded engine plays"),
    ],
)
def test_mistakes_are_named(options: list[str], words: str, capsys: pytest.CaptureFixture[str]):
    assert main(["games", "evaluate", GAME, *options]) == 2
    assert words in capsys.readouterr().err
