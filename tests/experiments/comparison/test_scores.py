"""Which evaluations count, and what they average to; values by hand."""

from pathlib import Path

import pytest

from formalrl.experiments.comparison.grouping import compare
from formalrl.experiments.comparison.scores import cost, finished, outcomes, shown_metrics
from formalrl.experiments.runs import RunFolder, Samples


def run(seed, rewards, coef=0.0, max_steps=4, verdict="learning", every=2, **extra):
    evals = tuple({"step": every * i, "reward": r, "verdict": verdict, **extra} for i, r in enumerate(rewards))
    metrics = tuple(
        {"step": s, "time/step_s": 0.5, "completions/count": 8, "memory/peak_gib": 1.0 + seed}
        for s in range(1, evals[-1]["step"] + 1)
    )
    config = {"seed": seed, "max_steps": max_steps, "entropy": {"coef": coef}}
    return RunFolder(Path(f"{coef}-{seed}"), config, {}, metrics, evals, (), Samples())


def test_the_last_evaluation_of_finished_runs_is_averaged_over_seeds():
    found, notes = outcomes(compare([run(0, [0.1, 0.2, 0.4]), run(1, [0.1, 0.2, 0.6])]))
    interval = found[0].scores["reward"]
    assert interval.value == pytest.approx(0.5) and interval.n == 2
    assert interval.low == pytest.approx(0.4) and interval.high == pytest.approx(0.6)
    assert notes == []


def test_an_unfinished_run_is_left_out_and_said_to_be():
    late = run(1, [0.1, 0.9])
    assert not finished(late)
    found, notes = outcomes(compare([run(0, [0.1, 0.2, 0.4]), late]))
    assert found[0].scores["reward"].value == pytest.approx(0.4)
    assert [r.config["seed"] for r in found[0].left_out] == [1]
    assert notes == ["1 of 2 runs are not finished and left out of final scores"]


def test_where_none_is_finished_the_last_evaluation_that_all_have_counts():
    found, notes = outcomes(compare([run(0, [0.1, 0.2, 0.4], max_steps=9), run(1, [0.1, 0.3], max_steps=9)]))
    assert found[0].scores["reward"].value == pytest.approx(0.25)
    assert "scores are those of step 2" in notes[0]


def test_without_any_common_evaluation_there_are_no_scores():
    early, late = run(0, [0.1], max_steps=9), run(1, [0.5], max_steps=9)
    late = RunFolder(late.path, late.config, {}, late.metrics, ({"step": 3, "reward": 0.5},), (), Samples())
    found, notes = outcomes(compare([early, late]))
    assert found[0].scores == {} and found[0].judged == () and "no scores yet" in notes[0]


def test_a_metric_that_one_seed_lacks_is_not_averaged():
    found, _ = outcomes(compare([run(0, [0, 0, 1], accuracy=0.5), run(1, [0, 0, 1], accuracy=None)]))
    assert set(found[0].scores) == {"reward"}
    assert shown_metrics(found) == [("reward", "Reward")]


def test_the_share_of_collapsed_seeds_leaves_out_those_without_a_verdict():
    runs = [run(0, [0, 0, 1], verdict="collapsed"), run(1, [0, 0, 1]), run(2, [0, 0, 1], verdict="unknown")]
    found, _ = outcomes(compare(runs))
    assert found[0].collapsed is not None
    assert (found[0].collapsed.value, found[0].collapsed.n) == (0.5, 2)


def test_different_lengths_of_finished_runs_are_pointed_out():
    _, notes = outcomes(compare([run(0, [0, 0, 1]), run(0, [0, 1], coef=0.3, max_steps=2)]))
    assert notes == ["final scores are taken after different numbers of steps: 2, 4"]


def test_cost_is_that_of_all_steps():
    spent = cost(compare([run(0, [0, 0, 1]), run(1, [0, 0, 1])]).settings[0])
    assert spent == {"steps": 4, "completions": 32, "seconds": 2.0, "total_seconds": 4.0, "memory_gib": 2.0}
