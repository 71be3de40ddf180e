"""Samples of a model for a check: of a run, of a checkpoint in it, of its folder as a model."""

from pathlib import Path

import pytest
import torch

from formalrl.api import train
from formalrl.checks.run import CheckSettings, check_reward
from formalrl.checks.sampler import open_sampler
from formalrl.checks.subject import config_to_check
from formalrl.errors import CheckpointError, ModelError

TOY = str(Path(__file__).parents[1] / "toy_task.py")
QUICK = CheckSettings(num_prompts=6, num_samples=4, workers=1, budget_s=1.0)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("run") / "run"
    train({"name": TOY, "length": 2}, max_steps=1, eval_steps=0, num_eval_prompts=2, output_dir=str(folder))
    return folder


def sampler_of(model, task, **given):
    config = config_to_check(task, model, given)
    return open_sampler(config, config.load_task(), model, seed=3), config.load_task().train_prompts()


@pytest.mark.parametrize("place", ["", "checkpoint-1"])
def test_a_run_and_its_checkpoint_are_sampled_as_they_were_trained(run, place):
    sample, prompts = sampler_of(run / place, {"name": TOY, "length": 2})
    asked = [prompt for prompt in prompts[:3] for _ in range(4)]
    texts = sample(asked)
    assert len(texts) == 12 and texts == sample(asked)
    assert len(set(texts)) > 1 and max(len(text.split()) for text in texts) == 3  # as the run was, by its task
    greedy, _ = sampler_of(run / place, {"name": TOY, "length": 2}, temperature=0.01, max_completion_length=1)
    assert len(set(greedy(asked[:4]))) == 1 and len(greedy(asked)[0].split()) <= 1
    assert sample([prompts[0], prompts[1], prompts[1]])[0] == texts[0]  # groups of any sizes


def test_a_check_reports_the_samples_of_a_model(run):
    for model in (run, run / "checkpoint-1"):
        report = check_reward({"name": TOY, "length": 2}, QUICK, model=model)
        found = report.measurements
        assert found["num_samples"] == 24 and found["sample_errors"] == {}
        assert 0 <= found["sample_lowest_reward"] <= found["sample_reward"] <= found["sample_highest_reward"] <= 1
        assert 0 <= found["groups_without_spread"] <= 1 and found["sample_latency_p95_s"] > 0
        assert found["sample_shuffled_reward"] is not None and len(found["sample_completions"]) == 3


def test_what_is_no_model_is_named(run, tmp_path):
    (tmp_path / "config.yaml").write_text((run / "config.yaml").read_text())
    with pytest.raises(CheckpointError, match="no whole checkpoint"):
        sampler_of(tmp_path, TOY)
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelError, match="is not a model"):
        sampler_of(tmp_path / "empty", TOY)
