"""The loop: what is written when, and that nothing is lost when it must stop."""

import json
import os
import signal

import pytest
import torch

from formalrl.errors import CheckpointError, RewardError
from formalrl.training import loop
from formalrl.training.checkpoint import checkpoints, fault
from formalrl.training.engine import RunState
from formalrl.training.loop import Journal, run_steps
from formalrl.training.run_folder import write_config
from formalrl.training.saving import read_state


@pytest.fixture
def start(make_engine, tmp_path):
    """Return a function from settings to (engine, journal, events)."""

    def begin(**settings):
        engine = make_engine(**{"max_steps": 3, "eval_steps": 0, "prompts_per_step": 4} | settings)
        write_config(engine.config, tmp_path)
        events = []
        return engine, Journal.open(engine, tmp_path, lambda kind, payload: events.append((kind, payload))), events

    return begin


def rows(folder, name):
    return [json.loads(line) for line in (folder / name).read_text().splitlines()]


def test_every_step_is_logged_and_the_end_is_kept(start, tmp_path):
    engine, journal, events = start(eval_steps=2, save_steps=1, save_total_limit=2)
    state = run_steps(engine, RunState(), journal)
    assert state.step == 3
    assert [row["step"] for row in rows(tmp_path, "metrics.jsonl")] == [1, 2, 3]
    assert [row["step"] for row in rows(tmp_path, "eval.jsonl")] == [0, 2, 3]
    assert {row["step"] for row in rows(tmp_path, "samples.jsonl")} == {0, 2, 3}
    assert [step for step, _ in checkpoints(tmp_path)] == [2, 3]
    assert read_state(tmp_path / "checkpoint-3") == state
    kinds = [kind for kind, _ in events]
    assert (kinds.count("step"), kinds.count("eval"), kinds.count("checkpoint")) == (3, 3, 3)


def test_a_reward_that_fails_too_often_stops_the_run_behind_a_checkpoint(start, tmp_path):
    engine, journal, _ = start(task={"failing": True}, max_reward_error_rate=0.0)
    with pytest.raises(
        RewardError, match=r"of the reward calls of this step failed \(exception \d+%; the first: ValueError: this"
    ) as caught:
        run_steps(engine, RunState(), journal)
    assert "\n" not in str(caught.value)
    ((step, path),) = checkpoints(tmp_path)
    assert fault(path) is None
    assert [row["step"] for row in rows(tmp_path, "metrics.jsonl")][-1] == step
    failed = [row for row in rows(tmp_path, "samples.jsonl") if row["error"]]
    assert "cannot be scored" in failed[0]["detail"]


def test_a_stop_signal_ends_the_run_behind_the_step_under_way(start, tmp_path, monkeypatch):
    engine, journal, _ = start()
    right = loop.train_step

    def interrupted(engine, state):
        os.kill(os.getpid(), signal.SIGINT)
        return right(engine, state)

    monkeypatch.setattr(loop, "train_step", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run_steps(engine, RunState(), journal)
    assert read_state(tmp_path / "checkpoint-1").step == 1
    assert [row["step"] for row in rows(tmp_path, "metrics.jsonl")] == [1]


def test_a_full_disk_stops_the_run_and_the_last_checkpoint_stays(start, tmp_path, monkeypatch):
    engine, journal, _ = start(save_steps=1)
    save = torch.save

    def full_later(value, path, *args, **kwargs):
        if (tmp_path / "checkpoint-1").exists():
            raise OSError(28, "No space left on device")
        return save(value, path, *args, **kwargs)

    monkeypatch.setattr(torch, "save", full_later)
    with pytest.raises(CheckpointError, match="the disk is full"):
        run_steps(engine, RunState(), journal)
    ((step, path),) = checkpoints(tmp_path)
    assert (step, fault(path)) == (1, None)
    assert [row["step"] for row in rows(tmp_path, "metrics.jsonl")] == [1, 2]


def test_the_best_checkpoint_is_that_of_the_metric(start, tmp_path, monkeypatch):
    engine, journal, _ = start(eval_steps=1, metric_for_best_model="prompt_dependence", max_steps=4)
    right, values = loop.evaluate, iter([0.9, 0.2, 0.5, 0.5, 0.1])

    def evaluate(*args):
        found = right(*args)
        found.row["prompt_dependence"] = next(values)
        return found

    monkeypatch.setattr(loop, "evaluate", evaluate)
    state = run_steps(engine, RunState(), journal)
    # step 0, before training, does not count; 0.5 comes first at step 2 and again, no better, at step 3
    assert (state.best_step, state.best_value) == (2, 0.5)
    assert read_state(tmp_path / "best").step == 2


def test_a_warm_started_policy_is_kept_as_the_start(start, tmp_path):
    engine, journal, _ = start(max_steps=1)
    object.__setattr__(engine, "warm_started", True)
    run_steps(engine, RunState(), journal)
    assert [step for step, _ in checkpoints(tmp_path)] == [0, 1]
    assert read_state(tmp_path / "checkpoint-0").evaluated


def test_a_finished_run_has_nothing_left_to_do(start, tmp_path):
    engine, journal, events = start()
    state = run_steps(engine, RunState(), journal)
    before = (tmp_path / "metrics.jsonl").read_bytes()
    events.clear()
    assert run_steps(engine, state, journal) == state
    assert (tmp_path / "metrics.jsonl").read_bytes() == before
    assert events == []


def test_answers_that_the_baselines_know_survive_a_resume(start):
    engine, journal, _ = start(task={"length": 2}, eval_temperature=1.0, max_steps=1)
    state = run_steps(engine, RunState(), journal)
    table = loop._table_of(engine, state)
    assert list(table.answers) == state.table_answers
    assert not table.complete
    assert loop._table_of(engine, RunState()) is None
