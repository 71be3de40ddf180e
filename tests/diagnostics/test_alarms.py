"""Every alarm goes off where it should, is silent on a good run, and says what to do."""

import math

import pytest

from formalrl.diagnostics.alarms import alarms


def run(n=40, **columns):
    """Rows 1..n; a column is a constant or a function of t in [0, 1]."""
    values = {
        "policy/entropy": lambda t: 3 - 2.5 * t,
        "reward/mean": lambda t: 0.5 + 0.5 * t,
        "train/accuracy": lambda t: t,
        "reward/error_rate": 0.0,
        "reward/zero_std_fraction": 0.1,
        "loss/total": 0.1,
    } | {name.replace("__", "/"): value for name, value in columns.items()}
    return [{"step": s, **{k: v(s / n) if callable(v) else v for k, v in values.items()}} for s in range(1, n + 1)]


def names(metrics, evals=()):
    return [alarm.name for alarm in alarms(metrics, list(evals))]


def test_a_good_run_and_an_empty_one_are_silent():
    assert alarms(run(), []) == [] and alarms([], []) == [] and alarms([{"step": 1}], [{"step": 0}]) == []


def fall(t):
    return 3.0 if t < 0.7 else 0.1


CASES = {
    "entropy_fell": {"policy__entropy": fall, "train__accuracy": 0.05},
    "entropy_rose": {"policy__entropy": lambda t: 1 + 5 * t, "reward__mean": lambda t: 1 - t},
    "no_spread": {"reward__zero_std_fraction": 1.0, "train__accuracy": 0.0},
    "little_spread": {"reward__zero_std_fraction": 0.9, "train__accuracy": 0.1},
    "reward_errors": {"reward__error_rate": 0.12, "reward__error_rate__timeout": 0.1},
    "truncated": {"completions__truncated_fraction": 0.7, "completions__length_mean": 60.0},
    "sampler_gap": {"sampler__logprob_gap": 2.0},
    "clipping": {"policy__clip_fraction": 0.5},
    "kl_jump": {"policy__kl_ref": lambda t: 0.1 if t < 0.9 else 20.0},
    "gradient_jump": {"optimizer__grad_norm": lambda t: 1.0 if t < 1 else 500.0},
    "blind_value_head": {"value__explained_variance": -0.5},
    "slow_reward": {"time__reward_s": 8.0, "time__step_s": 10.0},
    "not_finite": {"loss__total": None},
}


@pytest.mark.parametrize("name", CASES)
def test_each_alarm_goes_off_alone_and_says_what_to_do(name):
    (alarm,) = alarms(run(**CASES[name]), [])
    assert alarm.name == name and alarm.step == 40
    assert alarm.advice and str(alarm) == f"{alarm.message}: {alarm.advice}"


def test_the_sentences_hold_the_numbers():
    fell, errors = (alarms(run(**CASES[name]), [])[0].message for name in ("entropy_fell", "reward_errors"))
    assert fell == "entropy fell by 97 % in 20 steps while accuracy did not rise"
    assert errors == "reward errors 12 %, most often timeout"


def test_falling_entropy_is_fine_while_accuracy_rises():
    assert names(run(policy__entropy=fall, train__accuracy=lambda t: t)) == []
    assert names(run(policy__entropy=fall, train__accuracy=0.95)) == []


def test_zero_spread_of_a_solved_task_is_only_a_note():
    (alarm,) = alarms(run(reward__zero_std_fraction=1.0, train__accuracy=1.0), [])
    assert alarm.level == "note"


def test_one_token_completions_are_not_truncated():
    assert names(run(completions__truncated_fraction=1.0, completions__length_mean=1.0)) == []


def test_evaluations_raise_collapse_and_reward_hacking():
    evals = [{"step": 0, "accuracy": 0.1, "reward": 0.4, "verdict": "learning"},
             {"step": 20, "accuracy": 0.5, "reward": 0.6, "verdict": "learning"},
             {"step": 40, "accuracy": 0.05, "reward": 0.8, "verdict": "collapsed"}]  # fmt: skip
    assert names(run(), evals) == ["collapsed", "reward_without_accuracy"]
    assert names(run(), evals[:2]) == []


def test_nan_and_null_in_metrics_are_read_as_missing():
    assert names(run(policy__kl_ref=math.nan, optimizer__grad_norm=None)) == ["not_finite"]
    assert names(run(policy__kl_ref=math.nan)) == []
