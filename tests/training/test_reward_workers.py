"""A reward in workers: what hangs costs its own row, and training goes on."""

from pathlib import Path

import pytest
import torch

from formalrl.api import train
from formalrl.errors import RewardError
from formalrl.training.checkpoint import checkpoints, fault

TOY = str(Path(__file__).parents[1] / "toy_task.py")


@pytest.mark.slow
def test_a_reward_that_hangs_on_some_completions_is_booked_and_training_goes_on(tmp_path):
    torch.set_num_threads(1)
    settings = {"output_dir": str(tmp_path / "run"), "max_steps": 2, "eval_steps": 0, "num_eval_prompts": 2}
    run = train({"name": TOY, "hanging": True}, reward_workers=2, reward_timeout_s=0.5, **settings)
    rates = [row["reward/error_rate/timeout"] for row in run.metrics() if "reward/error_rate/timeout" in row]
    assert rates
    assert all(row["reward/error_rate"] == row.get("reward/error_rate/timeout", 0.0) for row in run.metrics())
    assert all(row["reward/error_rate"] < 0.5 for row in run.metrics())


@pytest.mark.slow
def test_a_run_stops_behind_a_checkpoint_when_too_many_calls_fail_and_its_report_has_a_traceback_of_each_kind(tmp_path):
    torch.set_num_threads(1)
    settings = {"max_steps": 3, "eval_steps": 0, "num_eval_prompts": 2, "num_logged_samples": 1}
    workers = {"reward_workers": 2, "reward_timeout_s": 0.1, "max_reward_error_rate": 0.2}
    with pytest.raises(RewardError, match=r"of the reward calls of this step failed .*max_reward_error_rate is 20%"):
        train({"name": TOY, "faults": 0.5}, output_dir=str(tmp_path / "run"), **settings, **workers)
    ((step, path),) = checkpoints(tmp_path / "run")
    assert step == 1 and fault(path) is None
    resumed = {**workers, "reward_timeout_s": 0.2, "max_reward_error_rate": 1.0}  # a resumed run may have other limits
    run = train({"name": TOY, "faults": 0.5}, resume=True, output_dir=str(tmp_path / "run"), **settings, **resumed)
    page = (run.output_dir / "report.html").read_text()
    assert [row["step"] for row in run.metrics()] == [1, 2, 3]
    for kind, said in {"timeout": "longer than", "crash": "SIGKILL", "not_finite": "nan", "bad_type": "str"}.items():
        assert f"{kind}:" in page and said in page
