"""Evaluation: the numbers by hand, the same whatever the sampler, and a verdict in words."""

import dataclasses

import pytest

from formalrl.training.evaluate import evaluate, failed_rows, mean_parts, sample_rows
from formalrl.types import Score


def test_the_baselines_of_the_toy_task_by_hand(make_engine):
    row = evaluate(make_engine(), 0).row
    # 24 prompts ask for each of 8 words three times: one fixed answer earns 1/8, two 2/8, all eight everything
    assert row["n"] == 24
    assert row["constant_baseline"] == pytest.approx(1 / 8)
    assert row["two_answer_baseline"] == pytest.approx(2 / 8)
    assert row["eight_answer_baseline"] == pytest.approx(1.0)
    assert row["reference_reward"] == pytest.approx(1.0)
    assert row["best_constant_answer"] in {str(word) for word in range(8)}


def test_accuracy_reward_and_shares_are_those_of_the_completions(make_engine):
    engine = make_engine()
    found = evaluate(engine, 0)
    row, said = found.row, [c.text.strip() for c in found.rollouts.completions]
    right = [text == p.columns["answer"] for text, p in zip(said, engine.eval_prompts, strict=True)]
    assert row["accuracy"] == pytest.approx(sum(right) / 24)
    assert row["reward"] == pytest.approx(sum(right) / 24)  # one word: the reward is the accuracy
    assert row["num_distinct"] == len(set(said))
    assert row["most_common_share"] == pytest.approx(max(said.count(text) for text in said) / 24)
    assert row["error_rate"] == 0.0
    assert row["temperature"] == 0.0


def test_by_default_the_likeliest_answers_are_taken(make_engine):
    engine = make_engine()
    one, two = (evaluate(engine, step).rollouts.samples.completion_ids for step in (0, 1))
    assert one.equal(two)  # other noise, the same answers


def test_there_is_a_verdict_in_words(make_engine):
    row = evaluate(make_engine(), 40, first_entropy=2.0).row
    assert row["verdict"] in {"healthy", "collapsed", "learning", "unknown"}
    assert row["verdict_sentence"].startswith("step 40: ")


def test_eager_and_fast_samplers_give_the_same_evaluation(make_engine):
    eager, fast = (
        evaluate(make_engine(sampler=sampler, task={"length": 3}, eval_temperature=1.0), 3).row
        for sampler in ("eager", "fast")
    )
    assert set(eager) == set(fast)
    for name, value in eager.items():
        expected = pytest.approx(value, abs=1e-5) if isinstance(value, float) else value
        assert fast[name] == expected, name


def test_an_evaluation_changes_nothing_and_repeats_itself(make_engine):
    engine = make_engine(eval_temperature=1.0)
    first, again, later = evaluate(engine, 5).row, evaluate(engine, 5).row, evaluate(engine, 6).row
    assert first == again
    assert first["accuracy"] != later["accuracy"] or first["top_answers"] != later["top_answers"]
    assert all(p.grad is None for p in engine.policy.parameters())


def test_without_listed_answers_the_table_grows_by_what_is_seen(make_engine):
    engine = make_engine(task={"length": 2}, eval_temperature=1.0)
    first = evaluate(engine, 0)
    assert not first.table.complete
    assert first.row["reference_reward"] is None
    second = evaluate(engine, 1, first.table)
    assert second.table.answers[: len(first.table.answers)] == first.table.answers
    assert len(second.table.answers) > len(first.table.answers)
    assert second.row["constant_baseline"] >= first.row["constant_baseline"]


def test_a_task_without_verdicts_has_no_accuracy(make_engine):
    engine = make_engine()
    bare = dataclasses.replace(engine, task=object())
    row = evaluate(bare, 0).row
    assert row["accuracy"] is None
    assert row["reward"] is not None


def test_a_task_that_lists_no_answers_falls_back_to_those_seen(make_engine):
    engine = make_engine()

    class Empty:
        def answers(self):
            return []

    row = evaluate(dataclasses.replace(engine, task=Empty()), 0).row
    assert row["constant_baseline"] is not None


def test_a_reward_that_always_fails_is_evaluated_too(make_engine):
    engine = make_engine()

    def fail(*args, **columns):
        raise ValueError("no")

    object.__setattr__(engine.scorer, "function", fail)
    row = evaluate(engine, 0).row
    assert (row["reward"], row["error_rate"], row["constant_baseline"]) == (None, 1.0, None)
    assert row["verdict"] == "unknown"


def test_logged_samples_are_the_first_of_each_prompt(make_rollouts):
    rollouts = make_rollouts([[1.0, 0.0], [None, 0.5], [0.25]])
    rows = sample_rows(rollouts, 7, "train", 2)
    assert [row["completion"] for row in rows] == ["answer 0", "answer 2"]
    assert [row["reward"] for row in rows] == [1.0, None]
    assert rows[1]["error"] == "exception"
    assert {"step", "split", "prompt", "detail", "correct", "parts", "columns"} <= set(rows[0])


def test_failed_completions_are_found_wherever_they_stand(make_rollouts):
    rollouts = make_rollouts([[1.0, None], [0.5, None, None]])
    assert [row["completion"] for row in failed_rows(rollouts, 7, 2)] == ["answer 1", "answer 3"]
    assert [row["prompt"] for row in failed_rows(rollouts, 7, 9)] == ["prompt 0", "prompt 1", "prompt 1"]


def test_the_first_failure_of_each_kind_is_kept_however_late_it_comes(make_rollouts):
    rollouts = make_rollouts([[None] * 6])
    for row, kind in enumerate(("exception", "exception", "exception", "timeout", "timeout", "crash")):
        rollouts.scores[row] = Score(None, kind)
    assert [row["error"] for row in failed_rows(rollouts, 7, 4)] == ["exception", "exception", "timeout", "crash"]
    assert [row["error"] for row in failed_rows(rollouts, 7, 0)] == ["exception", "timeout", "crash"]


def test_parts_of_the_reward_are_averaged_over_the_completions_that_have_them():
    scores = [Score(1.0, parts={"a": 1.0, "b": 4.0}), Score(0.0, parts={"a": 0.0}), Score(None, "timeout")]
    assert mean_parts(scores) == {"a": 0.5, "b": 4.0}
