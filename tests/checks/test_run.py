import time
from pathlib import Path

import pytest

from formalrl.checks.run import CheckSettings, check_reward
from formalrl.errors import ConfigError
from formalrl.rewards.weighted import WeightedRewards
from formalrl.tasks.user import UserTask

QUICK = CheckSettings(num_prompts=6, workers=1, budget_s=1.0)
TOY = str(Path(__file__).parents[1] / "toy_task.py")


def test_a_check_gives_figures_for_a_task_without_references():
    rows = [f"word {n}" for n in range(200)]
    task = UserTask.from_functions(rows, lambda prompt, completion: min(1.0, len(completion) / 30))
    report = check_reward(task, QUICK, name="length")
    assert report.task == "length" and report.ok
    assert report.measurements["num_references"] == 0
    assert report.named("constant_answer").level == "warning"


def test_a_step_is_that_of_the_task_unless_it_is_said():
    assert check_reward(TOY, QUICK).measurements["rows_per_step"] == 64  # 8 prompts of 8, by the task's defaults
    asked = CheckSettings(num_prompts=6, workers=1, budget_s=1.0, prompts_per_step=3, num_generations=5)
    report = check_reward(TOY, asked)
    assert report.measurements["rows_per_step"] == 15 and report.task == TOY


def test_several_rewards_with_weights_are_checked_as_one():
    rows = [{"prompt": f"{n} =", "answer": str(n)} for n in range(60)]

    def exact(prompt, completion, answer):
        return float(completion == answer)

    async def brief(prompt, completion):
        return 1 / (1 + len(completion))

    reward = WeightedRewards((exact, brief), (1.0, 0.2))
    report = check_reward((rows, reward), QUICK)
    assert report.ok and report.measurements["reference_reward"] > 1.0


def test_a_model_that_is_not_there_is_named_before_anything_is_scored():
    def reward(prompt, completion):
        time.sleep(1000)

    for path in ("./no/such/run", "/no/such/run", "runs/none/such"):
        with pytest.raises(ConfigError, match=rf"there is no folder '{path}'"):
            check_reward((["a", "b"] * 30, reward), QUICK, model=path)
    with pytest.raises(ConfigError, match="groups of 1 samples"):
        check_reward(TOY, CheckSettings(num_samples=1), sample=lambda prompts: ["x"] * len(prompts))
