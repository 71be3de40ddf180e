"""Metrics go to the trackers that were asked for, and a missing package is a sentence."""

import sys
from types import SimpleNamespace

import pytest

from formalrl.config import TrainConfig
from formalrl.errors import ConfigError
from formalrl.training.trackers import open_trackers


def test_no_tracker_is_the_default(tmp_path):
    assert open_trackers(TrainConfig("arithmetic"), tmp_path) == []


@pytest.mark.parametrize("name", ["wandb", "trackio", "tensorboard"])
def test_a_missing_package_says_what_to_install(tmp_path, monkeypatch, name):
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard" if name == "tensorboard" else name, None)
    with pytest.raises(ConfigError, match=rf"report_to names '{name}', which is not installed: run pip install") as e:
        open_trackers(TrainConfig("arithmetic", report_to=(name,)), tmp_path)
    assert "\n" not in str(e.value)


def test_an_online_tracker_gets_the_configuration_and_every_step(tmp_path, monkeypatch):
    said = []
    run = SimpleNamespace(log=lambda metrics, step: said.append((step, metrics)))
    monkeypatch.setitem(sys.modules, "wandb", SimpleNamespace(init=lambda **k: said.append(k) or run))
    (tracker,) = open_trackers(TrainConfig("arithmetic", report_to=("wandb",), seed=5), tmp_path / "task" / "name")
    tracker.log({"reward/mean": 0.5}, 3)
    assert said[0]["name"] == "task-name"
    assert said[0]["config"]["seed"] == 5
    assert said[1] == (3, {"reward/mean": 0.5})


def test_tensorboard_gets_every_number_in_the_run_folder(tmp_path, monkeypatch):
    said = []

    class SummaryWriter:
        def __init__(self, folder):
            said.append(folder)

        def add_scalar(self, name, value, step):
            said.append((name, value, step))

        def flush(self):
            said.append("flushed")

    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", SimpleNamespace(SummaryWriter=SummaryWriter))
    (tracker,) = open_trackers(TrainConfig("arithmetic", report_to=("tensorboard",)), tmp_path)
    tracker.log({"reward/mean": 0.5}, 3)
    assert said == [str(tmp_path / "tensorboard"), ("reward/mean", 0.5, 3), "flushed"]
