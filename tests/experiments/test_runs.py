"""Run folders are read whatever state they are in."""

import json
from pathlib import Path

import pytest

from formalrl.errors import ConfigError
from formalrl.experiments.runs import read_run, undocumented_metrics

DOCUMENTATION = Path(__file__).resolve().parents[2] / "docs" / "metrics.md"


def append(path, *rows, end="\n"):
    with path.open("a", encoding="utf-8") as file:
        file.write("\n".join(json.dumps(row) for row in rows) + end)


def test_a_whole_run_is_read(make_run):
    run = read_run(make_run(steps=40))
    assert run.task_name == "arithmetic" and run.last_step == 40 and run.notes == ()
    assert [row["step"] for row in run.metrics] == list(range(1, 41))
    assert run.facts["commit"] == "0123456789ab" and run.facts["command"].startswith("formalrl train")
    assert run.config["algorithm"]["name"] == "grpo" and len(run.sft) == 16
    assert run.samples.first_step == 0 and run.samples.last_step == 40


def test_samples_pair_the_same_prompts_before_and_after(make_run):
    pairs = read_run(make_run(steps=40)).samples.pairs()
    assert len(pairs) == 16
    assert all(before["prompt"] == after["prompt"] for before, after in pairs)
    assert all(before["step"] == 0 and after["step"] == 40 for before, after in pairs)


def test_the_middle_is_the_evaluation_nearest_to_half_of_the_way(make_run):
    samples = read_run(make_run(steps=40)).samples
    assert samples.middle_step == 20
    assert {row["step"] for row in samples.middle} == {20} and len(samples.middle) == 16
    _, after = samples.pairs()[3]
    assert samples.halfway(after)["prompt"] == after["prompt"]
    assert samples.halfway({"prompt": "never asked"}) is None


def test_two_evaluations_have_no_middle(tmp_path):
    append(tmp_path / "eval.jsonl", {"step": 0}, {"step": 9})
    append(tmp_path / "samples.jsonl", *[{"step": step, "split": "eval", "prompt": "p"} for step in (0, 5, 9)])
    samples = read_run(tmp_path).samples
    assert samples.middle_step is None and samples.middle == ()
    assert (samples.first_step, samples.last_step) == (0, 9)


def test_a_torn_last_line_is_left_out_and_torn_lines_before_it_are_told(make_run):
    folder = make_run(steps=10)
    with (folder / "metrics.jsonl").open("a") as file:
        file.write('{"step": 11, "rew')
    run = read_run(folder)
    assert run.last_step == 10 and run.notes == ()
    with (folder / "metrics.jsonl").open("a") as file:
        file.write('{"step": 11}\n[1]\n\xff\n{"step": 12}\n')
    run = read_run(folder)
    assert run.last_step == 12 and run.notes == ("metrics.jsonl: 3 unreadable lines left out",)


def test_bytes_that_are_no_text_do_not_stop_the_reading(make_run):
    folder = make_run(steps=5)
    with (folder / "metrics.jsonl").open("ab") as file:
        file.write(b"\xff\xfe\x00\n" + b"[" * 100_000 + b"\n")
    assert read_run(folder).last_step == 5


def test_of_a_step_that_comes_twice_the_last_row_wins(make_run):
    folder = make_run(steps=10)
    append(folder / "metrics.jsonl", {"step": 9, "reward/mean": 0.123}, {"step": 10, "reward/mean": 0.456})
    append(folder / "eval.jsonl", {"step": 10, "reward": 0.789})
    sample = {"step": 10, "split": "eval", "prompt": "p", "completion": "c"}
    append(folder / "samples.jsonl", {"step": 5, "split": "eval", "prompt": "p", "completion": "x"}, sample)
    run = read_run(folder)
    assert [row["reward/mean"] for row in run.metrics[-2:]] == [0.123, 0.456] and len(run.metrics) == 10
    assert run.last_eval["reward"] == 0.789
    assert run.samples.after == (sample,)


def test_samples_of_training_neither_split_nor_replace_those_of_evaluations(make_run):
    folder = make_run(steps=8)
    (folder / "samples.jsonl").unlink()
    for step in (0, 4, 8):
        for i in range(3):
            row = {"step": step, "prompt": f"p{i}", "completion": str(step)}
            append(folder / "samples.jsonl", row | {"split": "eval"}, row | {"split": "train", "completion": "t"})
    samples = read_run(folder).samples
    assert [row["completion"] for row in samples.before] == ["0"] * 3
    assert [row["completion"] for row in samples.after] == ["8"] * 3


def test_failures_of_all_steps_are_counted_and_the_first_kept(make_run):
    samples = read_run(make_run(steps=40)).samples
    assert samples.error_counts == {"timeout": 8}
    assert samples.errors["timeout"][0]["step"] == 5 and len(samples.errors["timeout"]) == 3


@pytest.mark.parametrize("kept", ["config.yaml", "metrics.jsonl", "eval.jsonl"])
def test_one_file_is_enough(make_run, kept):
    folder = make_run(steps=5)
    for path in folder.iterdir():
        if path.name != kept:
            path.unlink()
    run = read_run(folder)
    assert run.task_name == "arithmetic"
    assert run.samples.pairs() == [] and run.last_step == (0 if kept == "config.yaml" else 5)


def test_a_broken_configuration_is_a_note(make_run):
    folder = make_run(steps=5)
    (folder / "config.yaml").write_text("task: [unclosed\n")
    run = read_run(folder)
    assert run.config == {} and "config.yaml cannot be read" in run.notes[0]


def test_no_run_is_a_clear_error(tmp_path):
    with pytest.raises(ConfigError, match=r"does not exist: name a folder"):
        read_run(tmp_path / "nothing")
    with pytest.raises(ConfigError, match=r"holds no run \(no config\.yaml"):
        read_run(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="is a file"):
        read_run(tmp_path / "file")


def test_every_metric_of_a_run_is_documented(make_run):
    run = read_run(make_run(steps=10))
    names = {name for row in (*run.metrics, *run.evals, *run.sft) for name in row}
    assert undocumented_metrics(names, DOCUMENTATION.read_text(encoding="utf-8")) == []


def test_an_undocumented_metric_is_found():
    assert undocumented_metrics(["a/b", "a/c", "coef/x", "coefx"], "`a/b` `coef/<regularizer>` `<x>`") == [
        "a/c",
        "coefx",
    ]
