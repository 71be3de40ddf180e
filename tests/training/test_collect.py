"""A round of rollouts: grouped, scored, judged, and a function of its key alone."""

import dataclasses
from contextlib import closing

import pytest
import torch

from formalrl.rewards.call import RewardKey
from formalrl.rewards.scorers import open_scorer
from formalrl.rewards.signature import RewardRow
from formalrl.training.collect import Draw, collect, judge
from formalrl.training.stopwatch import Stopwatch
from formalrl.types import Prompt, Score


def draw(engine, *, prompts=4, generations=3, step=0, sampling_round=0):
    return Draw([engine.train_prompts[i] for i in range(prompts)], generations, 0, step, sampling_round)


def test_every_prompt_gets_its_completions_scored_as_the_task_says(make_engine):
    engine = make_engine(task={"length": 2})
    rollouts = collect(engine, draw(engine), engine.rule, Stopwatch())
    assert len(rollouts) == 12
    assert rollouts.prompt_index.tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]
    for row, prompt in enumerate(rollouts.prompt_index.tolist()):
        asked, said = rollouts.prompts[prompt], rollouts.completions[row].text
        assert rollouts.scores[row].reward == pytest.approx(engine.task.reward(asked.text, said, **asked.columns))
        assert rollouts.correct[row] == engine.task.is_correct(asked.text, said, **asked.columns)


def test_a_round_depends_on_its_key_alone(make_engine):
    engine = make_engine(task={"length": 3})
    first, again, other, later = (
        collect(engine, draw(engine, **key), engine.rule, Stopwatch()).samples.completion_ids
        for key in ({}, {}, {"step": 1}, {"sampling_round": 1})
    )
    assert first.equal(again)
    assert not (first.shape == other.shape and first.equal(other))
    assert not (first.shape == later.shape and first.equal(later))


def test_failed_scorers_are_scores_without_a_reward(make_engine):
    engine = make_engine(task={"failing": True})
    rollouts = collect(engine, draw(engine, prompts=8, generations=16), engine.rule, Stopwatch())
    failed = [score for score in rollouts.scores if score.reward is None]
    assert failed
    assert {score.error for score in failed} == {"exception"}
    assert "cannot be scored" in failed[0].detail


def test_a_prompt_may_set_its_own_length_limit(make_engine):
    engine = make_engine(task={"length": 3})
    short = Prompt("3 =", {"answer": "3", "max_completion_length": 1})
    long = Prompt("4 =", {"answer": "4", "max_completion_length": 99})  # the rule's limit stands
    rollouts = collect(engine, Draw([short, long], 16, 0, 0), engine.rule, Stopwatch())
    lengths = rollouts.samples.mask.sum(1)
    assert lengths[:16].max() == 1
    assert 1 < lengths[16:].max() <= engine.rule.max_completion_length


SCORED = [Score(1.0)] * 3


def judging(make_engine, task, workers=0):
    """An engine whose task has a verdict. The reward is sent by value, so that no worker loads this file and torch."""

    def one(prompt, completion):
        return 1.0

    return dataclasses.replace(make_engine(), task=task, scorer=open_scorer(one, task.is_correct, workers=workers))


def test_equal_answers_to_one_prompt_are_judged_once(make_engine):
    calls = []

    @dataclasses.dataclass(frozen=True)
    class Judging:
        def is_correct(self, prompt, completion, answer):
            calls.append((prompt, completion))
            return completion == answer

    engine = judging(make_engine, Judging())
    columns = {"answer": "x"}
    rows = [RewardRow("a", "x", columns), RewardRow("a", "x", columns), RewardRow("b", "x", {"answer": "y"})]
    assert judge(engine, rows, SCORED, RewardKey()) == (SCORED, [True, True, False])
    assert calls == [("a", "x"), ("b", "x")]


@pytest.mark.parametrize("workers", [0, 2])
def test_a_verdict_that_fails_is_a_failed_row_and_one_in_the_score_is_not_asked_again(make_engine, workers):
    @dataclasses.dataclass(frozen=True)
    class Judging:
        def is_correct(self, prompt, completion):
            return 1 / (completion != "b")

    engine = judging(make_engine, Judging(), workers)
    with closing(engine.scorer):
        rows = [RewardRow("p", text) for text in "abc"]
        scores, correct = judge(engine, rows, SCORED, RewardKey())
        assert [score.error for score in scores] == [None, "exception", None] and correct == [True, None, True]
        assert "ZeroDivisionError" in scores[1].detail
        lost = [Score(None, "timeout")] * 3
        assert [score.error for score in judge(engine, rows, lost, RewardKey())[0]] == ["timeout"] * 3
        given = [Score(0.5, parts={"correct": value}) for value in (1.0, 0.0)] + lost[:1]
        assert judge(engine, rows, given, RewardKey()) == (given, [True, False, None])


def test_a_task_without_a_verdict_has_none(make_engine):
    engine = dataclasses.replace(make_engine(), task=object())
    assert judge(engine, [RewardRow("a", "x")], [Score(1.0)], RewardKey()) == ([Score(1.0)], [None])


def test_the_time_of_every_phase_is_counted(make_engine):
    engine, clock = make_engine(), Stopwatch()
    collect(engine, draw(engine), engine.rule, clock)
    assert {"sample", "reward"} <= set(clock.seconds)


def test_fast_and_eager_samplers_give_the_same_rollouts(make_engine):
    found = []
    for sampler in ("eager", "fast"):
        engine = make_engine(task={"length": 3}, sampler=sampler, top_p=0.9)
        found.append(collect(engine, draw(engine, prompts=6), engine.rule, Stopwatch()))
    eager, fast = found
    assert [c.text for c in eager.completions] == [c.text for c in fast.completions]
    assert torch.allclose(eager.samples.logprobs, fast.samples.logprobs, atol=1e-5)
    assert eager.samples.kept.equal(fast.samples.kept)


def test_completions_keep_to_the_grammar_of_the_task(make_engine):
    engine = make_engine(task={"length": 3}, grammar=True, max_completion_length=5)
    rollouts = collect(engine, draw(engine, prompts=8, generations=16), engine.rule, Stopwatch())
    words = [completion.text.split() for completion in rollouts.completions]
    assert all(len(said) == 3 and set(said) <= {"0", "2", "4", "6"} for said in words)
    assert rollouts.samples.kept is not None and rollouts.samples.finished.all()
