from formalrl.checks.run import CheckSettings, check_reward
from formalrl.tasks.user import UserTask


def test_a_check_gives_figures_for_a_task_without_references():
    rows = [f"word {n}" for n in range(200)]
    task = UserTask.from_functions(rows, lambda prompt, completion: min(1.0, len(completion) / 30))
    report = check_reward(task, CheckSettings(num_prompts=6, workers=1, budget_s=1.0), name="length")
    assert report.task == "length" and report.ok
    assert report.measurements["num_references"] == 0
    assert report.named("constant_answer").level == "warning"
