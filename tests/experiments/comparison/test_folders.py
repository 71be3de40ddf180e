"""Runs are found where they lie, each once, and nothing in a run is taken for another one."""

import pytest

from formalrl.errors import ConfigError
from formalrl.experiments.comparison.folders import find_runs, is_run, not_begun, read_runs


def make(folder, *, config=True, metrics=True):
    folder.mkdir(parents=True, exist_ok=True)
    if config:
        (folder / "config.yaml").write_text("seed: 0\n")
    if metrics:
        (folder / "metrics.jsonl").write_text('{"step": 1}\n')
    return folder


def test_runs_are_found_at_most_three_levels_down_in_natural_order(tmp_path):
    wanted = [make(tmp_path / "a" / f"seed-{i}") for i in (2, 10)]
    wanted.append(make(tmp_path / "b" / "c" / "d"))
    make(tmp_path / "b" / "c" / "e" / "too-deep")
    assert find_runs([tmp_path]) == wanted


def test_what_lies_in_a_run_is_no_run_of_its_own(tmp_path):
    run = make(tmp_path / "run")
    make(run / "checkpoint-5")
    assert find_runs([tmp_path]) == [run]


def test_a_checkpoint_and_a_run_that_has_not_begun_are_no_runs(tmp_path):
    assert not is_run(make(tmp_path / "checkpoint-5", metrics=False))
    assert not is_run(make(tmp_path / "other", config=False))
    assert is_run(make(tmp_path / "run"))


def test_a_run_without_a_step_is_told_apart(tmp_path):
    run = make(tmp_path / "a" / "seed-0")
    make(run / "checkpoint-5", metrics=False)
    failed = make(tmp_path / "a" / "seed-1", metrics=False)
    assert find_runs([tmp_path]) == [run] and not_begun([tmp_path]) == [failed]


def test_a_run_named_twice_counts_once(tmp_path):
    run = make(tmp_path / "runs" / "a")
    assert find_runs([run, tmp_path / "runs", tmp_path]) == [run]
    assert [found.config["seed"] for found in read_runs([run])] == [0]


@pytest.mark.parametrize(("name", "said"), [("missing", "does not exist"), ("file", "is a file"), ("empty", "no run")])
def test_a_path_without_runs_is_refused_in_one_line(tmp_path, name, said):
    (tmp_path / "file").write_text("")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigError, match=said):
        find_runs([tmp_path / name])
