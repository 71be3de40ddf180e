"""A reward in workers: what hangs costs its own row, and training goes on."""

from pathlib import Path

import pytest
import torch

from formalrl import plugins
from formalrl.api import train
from formalrl.errors import RewardError
from formalrl.rewards.call import deterministic
from formalrl.rewards.weighted import WeightedRewards
from formalrl.tasks.user import UserTask
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


def kept_task(log):
    """The toy task with two deterministic rewards, one of the batch form and one async, that note their calls."""
    toy = plugins.load_file(TOY).Toy()
    rows = [{"prompt": prompt.text, **prompt.columns} for prompt in toy.train_prompts()]

    def share(prompt, completion, answer):
        with open(log, "a") as file:
            file.write(f"{prompt} {completion}\n")
        return float(completion.strip() == answer)

    @deterministic
    def batch(prompts, completions, answer):
        return [share(*row) for row in zip(prompts, completions, answer, strict=True)]

    @deterministic
    async def concurrent(prompt, completion, answer):
        return len(completion) / 10

    reward = WeightedRewards((batch, concurrent), (1.0, 0.5))
    return UserTask.from_functions(rows, reward, tokenizer=toy.tokenizer, defaults=toy.defaults)


@pytest.mark.slow
def test_a_resumed_run_scores_anew_what_was_kept_and_ends_like_one_that_went_on(tmp_path):
    torch.set_num_threads(1)
    settings = {
        "eval_steps": 0,
        "num_eval_prompts": 2,
        "num_diagnostic_prompts": 2,
        "reward_workers": 2,
        "save_steps": 1,
    }
    whole = train(kept_task(tmp_path / "whole.log"), output_dir=str(tmp_path / "whole"), max_steps=4, **settings)
    half = kept_task(tmp_path / "half.log")
    train(half, output_dir=str(tmp_path / "half"), max_steps=2, **settings)
    resumed = train(half, output_dir=str(tmp_path / "half"), max_steps=4, resume=True, **settings)
    own = ("reward/", "policy/", "loss/", "optimizer/")
    numbers = [
        [{name: value for name, value in row.items() if name.startswith(own)} for row in run.metrics()]
        for run in (whole, resumed)
    ]
    assert numbers[0] == numbers[1] and len(numbers[0]) == 4
    calls = [(tmp_path / f"{name}.log").read_text().splitlines() for name in ("whole", "half")]
    assert len(calls[0]) == len(set(calls[0])) < 4 * 64  # what was scored once is not asked again
    assert set(calls[0]) <= set(calls[1])  # a run that goes on elsewhere, for its last evaluation, asks some more
