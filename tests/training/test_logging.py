"""Log files: complete lines, plain numbers, and cut back without losing anything."""

import json

from formalrl.training.logging import append, cut_after


def test_not_a_number_becomes_null(tmp_path):
    append(tmp_path / "m.jsonl", [{"step": 1, "a": float("nan"), "b": [float("inf"), 1.5]}])
    assert json.loads((tmp_path / "m.jsonl").read_text()) == {"step": 1, "a": None, "b": [None, 1.5]}


def test_rows_after_the_step_and_a_torn_line_are_moved_not_lost(tmp_path):
    path = tmp_path / "metrics.jsonl"
    append(path, [{"step": 1}, {"step": 2}, {"step": 3}])
    with path.open("a") as file:
        file.write('{"step": 4, "rew')
    assert cut_after(tmp_path, 2) == 2
    assert [json.loads(line)["step"] for line in path.read_text().splitlines()] == [1, 2]
    gone = (tmp_path / "superseded" / "metrics.jsonl").read_text().splitlines()
    assert gone == ['{"step": 3}', '{"step": 4, "rew']


def test_nothing_to_cut_changes_nothing(tmp_path):
    append(tmp_path / "eval.jsonl", [{"step": 1}])
    assert cut_after(tmp_path, 1) == 0
    assert not (tmp_path / "superseded").exists()
