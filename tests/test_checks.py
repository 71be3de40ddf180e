import random
import time

import pytest

from formalrl.checks import check_reward
from formalrl.checks.run import CheckSettings
from formalrl.rewards.sandbox import best_backend
from formalrl.tasks.arithmetic import Arithmetic
from formalrl.tasks.programs import Programs
from formalrl.tasks.sentiment import Sentiment
from formalrl.tasks.user import UserTask

QUICK = CheckSettings(num_prompts=8, workers=2, timeout_s=1.0, budget_s=1.0)
ROWS = [{"prompt": f"{a} + {b} =", "answer": str(a + b)} for a in range(12) for b in range(12)]


def check(reward, sample=None, rows=ROWS, **optional):
    return check_reward(UserTask.from_functions(rows, reward, **optional), QUICK, sample=sample)


def good(prompt, completion, answer):
    try:
        return 1 / (1 + abs(int(completion[:20]) - int(answer)))
    except ValueError:
        return 0.0


def constant(prompt, completion, answer):
    return 1.0 if "love" in completion or completion == answer else 0.0


def nondeterministic(prompt, completion, answer):
    return good(prompt, completion, answer) + time.perf_counter_ns() % 1000 / 1e4


def noisy(prompt, completion, answer):
    return good(prompt, completion, answer) + random.random() / 10


def slow(prompt, completion, answer):
    time.sleep(0.1)
    return good(prompt, completion, answer)


def raising(prompt, completion, answer):
    return float(completion[0] == answer[0])


def tied(prompt, completion, answer):
    return float(completion.strip().isdigit())


def batch(prompts, completions, answer):
    values = [good(p, c, a) for p, c, a in zip(prompts, completions, answer, strict=True)]
    return [value - sum(values) / len(values) for value in values]


def flat(prompt, completion, answer):
    return 0.5


def fragile(prompt, completion, answer):
    if len(completion) > 100_000:
        while True:
            pass
    return good(prompt, completion, answer)


def wrong_column(prompt, completion, target):
    return 1.0


def test_a_good_reward_has_no_failure():
    report = check(good)
    assert report.ok and report.findings == (), report.lines()
    assert report.measurements["reference_reward"] == 1.0
    assert report.measurements["shuffled_reward"] < 0.6


@pytest.mark.parametrize(
    ("reward", "name", "level"),
    [
        (constant, "constant_answer", "failure"),
        (nondeterministic, "nondeterministic", "failure"),
        (noisy, "random", "warning"),
        pytest.param(slow, "slow", "warning", marks=pytest.mark.slow),
        (raising, "errors_on_empty", "failure"),
        (tied, "tied_with_wrong", "failure"),
        (tied, "ignores_the_prompt", "failure"),
        (batch, "depends_on_the_batch", "failure"),
        (flat, "no_spread", "failure"),
        (fragile, "errors_on_hostile", "warning"),
        (wrong_column, "errors_on_references", "failure"),
    ],
)
def test_each_fault_is_named(reward, name, level):
    report = check(reward)
    finding = report.named(name)
    assert finding is not None and finding.level == level, report.lines()
    assert report.ok == (level != "failure")


def test_a_reward_that_cannot_be_loaded_is_a_failure():
    lock = __import__("threading").Lock()
    report = check(lambda prompt, completion: lock and 1.0)
    assert report.named("cannot_be_loaded") and not report.ok


@pytest.mark.slow
def test_a_reward_that_imports_torch_is_named():
    def reward(prompt, completion, answer):
        import torch  # noqa: F401

        return good(prompt, completion, answer)

    task = UserTask.from_functions(ROWS, reward)
    report = check_reward(task, CheckSettings(num_prompts=4, workers=1, timeout_s=60.0, budget_s=1.0))
    assert report.named("imports_torch")


def test_a_reward_that_always_fails_is_given_up_early():
    def reward(prompt, completion, answer):
        time.sleep(1000)

    began = time.monotonic()
    report = check(reward)
    assert report.named("errors_on_references").level == "failure" and "timeout" in report.verdict()
    assert time.monotonic() - began < 20


def test_samples_of_a_model_are_scored():
    report = check(good, sample=lambda prompts: ["5"] * len(prompts))
    assert report.named("groups_without_spread").level == "failure"
    varied = check(good, sample=lambda prompts: [str(n) for n in range(len(prompts))])
    assert varied.named("groups_without_spread") is None
    assert 0 < varied.measurements["sample_reward"] < 1


def test_held_out_prompts_in_training_are_named():
    def examples(n, seed):
        return [(row["prompt"], row["answer"]) for row in ROWS]

    task = UserTask.from_functions(ROWS, good)
    leaky = UserTask(task.name, good, task.training, (*task.held_out, task.training[0]), examples=examples)
    report = check_reward(leaky, QUICK)
    assert report.named("held_out_in_training") and report.named("held_out_in_examples")


def test_arithmetic_passes_with_the_warning_it_deserves():
    report = check_reward(Arithmetic(), QUICK)
    assert report.ok
    assert report.named("constant_answer").level == "warning"


def test_sentiment_passes_with_the_warning_that_praise_pleases_after_any_prompt():
    report = check_reward(Sentiment(), QUICK)
    assert report.ok, report.lines()
    finding = report.named("constant_answer")
    assert finding.level == "warning" and "'great love best wonderful' as the answer to every prompt" in finding.message
    assert 0.88 <= report.measurements["constant_reward"] <= 0.97
    assert "reference_reward" not in report.measurements


@pytest.mark.slow
@pytest.mark.skipif(best_backend() is None, reason="this machine isolates nothing")
def test_programs_passes():
    task = Programs(wall_s=20.0)  # on a busy machine a right program must not come too late
    report = check_reward(task, CheckSettings(num_prompts=4, workers=2, timeout_s=60.0, budget_s=1.0))
    assert {finding.name for finding in report.findings if finding.level == "failure"} <= {"slow"}, report.lines()
    assert report.measurements["reference_reward"] == pytest.approx(1.0)
