"""The prompts of the levels, rehearsal, and what counts as success."""

import pytest

from formalrl import plugins
from formalrl.errors import ConfigError
from formalrl.training.engine import RunState
from formalrl.training.level_prompts import Mixture, at_level, level_metrics, levels_of, prompts_by_level, rehearsed
from formalrl.training.sampling_rounds import sample_rounds
from formalrl.training.step import train_step
from formalrl.training.stopwatch import Stopwatch

ON = {"advance_at": 0.5, "window": 1, "rehearsal": 0.25}


def words(prompts):
    return {int(prompt.columns["answer"]) for prompt in prompts}


def test_levels_ask_the_prompts_of_their_tasks(make_engine):
    engine = make_engine(curriculum=ON)
    assert [words(prompts) for prompts in engine.level_prompts] == [set(range(2)), set(range(4)), set(range(8))]
    assert words(at_level(engine, 1).train_prompts) == set(range(4))
    plain = make_engine()
    assert at_level(plain, 0) is plain


def test_every_built_in_task_can_be_taught_by_levels():
    for name in ("arithmetic", "programs"):
        levels = prompts_by_level(plugins.find("task", name)())
        assert len(levels) > 1
        assert all(len(prompts) for prompts in levels)


def test_a_task_without_levels_is_named():
    class Flat:
        pass

    with pytest.raises(ConfigError, match="no levels of difficulty"):
        levels_of(Flat())


def test_a_share_of_the_prompts_comes_from_earlier_levels(make_engine):
    engine = at_level(make_engine(curriculum=ON), 2)
    seen = set()
    for step in range(30):
        prompts = rehearsed(engine, step, 0, 8)
        assert len(prompts) == 2
        assert prompts == rehearsed(engine, step, 0, 8)
        seen |= words(prompts)
    assert seen == set(range(4))  # never of the level itself
    assert rehearsed(at_level(engine, 0), 3, 0, 8) == []
    drawn, *_ = sample_rounds(engine, 5, {}, Stopwatch())
    assert drawn.prompts[6:] == rehearsed(engine, 5, 0, 8)


def test_success_is_that_of_the_level_alone(make_engine, make_rollouts):
    engine = at_level(make_engine(curriculum=ON, prompts_per_step=4), 1)  # 3 prompts of the level, 1 rehearsed
    rollouts = make_rollouts([[1.0, 0.0], [0.0, None], [1.0, 0.0], [1.0, 1.0], [1.0, 1.0]])  # the fifth: a second round
    assert level_metrics(engine, rollouts) == {"curriculum/level": 1.0, "curriculum/success": pytest.approx(2 / 5)}
    unjudged = rollouts.__class__(**{**vars(rollouts), "correct": [None] * len(rollouts)})
    assert level_metrics(engine, unjudged)["curriculum/success"] == pytest.approx(2 / 5)
    assert level_metrics(make_engine(), rollouts) == {}


def test_a_mixture_asks_every_level_alike(make_engine):
    engine = make_engine(curriculum={"mixture": True})
    assert engine.level_prompts == ()
    prompts = engine.train_prompts
    assert isinstance(prompts, Mixture)
    levels = [[0, 1] * 7, [0, 1, 2, 3] * 7, list(range(8)) * 7]
    assert len(prompts) == 3 * 56
    told = [int(prompt.columns["answer"]) for prompt in prompts]
    for level, answers in enumerate(levels):
        own = told[level::3]
        assert own == [answers[number % len(answers)] for number in range(56)]
    assert prompts[-1] == prompts[len(prompts) - 1] == prompts[-2:][1]
    with pytest.raises(IndexError):
        prompts[len(prompts)]


def test_steps_climb_the_levels(make_engine):
    engine = make_engine(curriculum={"advance_at": 0.0, "window": 2, "rehearsal": 0.25})
    state, levels = RunState(), []
    for _ in range(6):
        state, metrics, rollouts = train_step(engine, state)
        levels.append(metrics["curriculum/level"])
        assert words(rollouts.prompts) <= set(range([2, 4, 8][int(levels[-1])]))
    assert levels == [0, 0, 1, 1, 2, 2]
    assert state.curriculum["level"] == 2
