"""A checkpoint brings everything back, and a disk that is full takes nothing away."""

import dataclasses
import errno
import random

import numpy as np
import pytest
import torch

from formalrl.errors import CheckpointError
from formalrl.training import saving
from formalrl.training.checkpoint import checkpoints, fault
from formalrl.training.engine import RunState
from formalrl.training.run_folder import write_config
from formalrl.training.saving import has_state, read_state, restore, save_checkpoint
from formalrl.training.step import train_step


@pytest.fixture
def trained(make_engine, tmp_path):
    """An engine after one step, with its state and its run folder."""
    engine = make_engine(algorithm={"name": "ppo"})
    write_config(engine.config, tmp_path)
    state, _, _ = train_step(engine, RunState())
    return engine, state, tmp_path


def test_the_state_and_the_moments_come_back(trained, make_engine):
    engine, state, folder = trained
    state = dataclasses.replace(state, first_entropy=1.5, table_answers=["3"], best_step=1)
    path = save_checkpoint(engine, state, folder)
    assert path.name == "checkpoint-1"
    assert has_state(path)
    assert fault(path) is None
    assert read_state(path) == state
    fresh = make_engine(algorithm={"name": "ppo"})
    restore(fresh, path)
    before, after = engine.optimizer.state_dict()["state"], fresh.optimizer.state_dict()["state"]
    assert len(before) == len(after) > 0
    for number, moments in before.items():
        for name, value in moments.items():
            assert torch.equal(torch.as_tensor(after[number][name]), torch.as_tensor(value)), name


def test_the_random_generators_come_back(trained):
    engine, state, folder = trained
    path = save_checkpoint(engine, state, folder)
    drawn = torch.rand(1).item(), np.random.rand(), random.random()
    restore(engine, path)
    assert (torch.rand(1).item(), np.random.rand(), random.random()) == drawn


def test_transformers_loads_the_weights(trained):
    from transformers import AutoModelForCausalLM

    engine, state, folder = trained
    path = save_checkpoint(engine, state, folder)
    loaded = dict(AutoModelForCausalLM.from_pretrained(path).named_parameters())
    for name, value in engine.policy.model.named_parameters():
        assert loaded[name].equal(value), name


def test_old_checkpoints_go_but_the_start_and_the_best_stay(trained):
    engine, _, folder = trained
    save_checkpoint(engine, RunState(step=1), folder, best=True)
    for step in (0, 1, 2, 3):
        save_checkpoint(engine, RunState(step=step), folder)
    assert [step for step, _ in checkpoints(folder)] == [0, 2, 3]
    assert has_state(folder / "best")


@pytest.mark.parametrize("place", ["model", "optimizer", "state"])
def test_a_full_disk_is_one_line_and_loses_nothing(trained, monkeypatch, place):
    engine, _, folder = trained
    save_checkpoint(engine, RunState(step=1), folder)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    def full(*args, **kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    target = {"model": (saving, "save_pretrained"), "optimizer": (torch, "save"), "state": (saving.json, "dumps")}
    monkeypatch.setattr(*target[place], full)
    for best in (False, True):
        with pytest.raises(CheckpointError, match=r"Cannot write .*: the disk is full.*--resume") as caught:
            save_checkpoint(engine, RunState(step=2), folder, best=best)
        assert "\n" not in str(caught.value)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    monkeypatch.undo()
    assert fault(save_checkpoint(engine, RunState(step=2), folder)) is None
