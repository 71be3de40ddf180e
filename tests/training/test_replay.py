"""The memory of prompts that fell short: by hand, and what a step asks."""

import json
from dataclasses import asdict
from types import SimpleNamespace

import pytest

from formalrl.training.engine import RunState
from formalrl.training.replay import MEMORY_STEPS, remember, replayed
from formalrl.training.sampling_rounds import sample_rounds
from formalrl.training.step import train_step
from formalrl.training.stopwatch import Stopwatch


def config(**settings):
    defaults = {"replay_fraction": 0.5, "prompt_selection": "regret", "prompts_per_step": 4, "seed": 0}
    objective = {"max_at_k": 1, "max_at_k_hold": 0.3, "max_at_k_until": 0.7, "max_steps": 10}
    return (
        SimpleNamespace(**defaults, **objective) if not settings else SimpleNamespace(**defaults | objective | settings)
    )


def test_what_is_remembered_by_hand(make_rollouts):
    # the best reward is 1: regrets 0.5, 0 and 0.75; what the policy has learned is forgotten
    memory = remember(config(), {"7": 0.6, "2": 0.9}, 0, [7, 2, 5], make_rollouts([[1.0, 0.0], [1.0, 1.0], [0.5, 0.0]]))
    assert memory == {"5": 0.75, "7": 0.5}
    assert list(memory) == ["5", "7"]


def test_a_prompt_without_scores_keeps_its_worth(make_rollouts):
    memory = remember(config(), {"7": 0.6}, 0, [7, 8], make_rollouts([[None, None], [1.0, 0.5]]))
    assert memory == {"7": 0.6, "8": 0.25}


def test_the_memory_keeps_the_most_worth(make_rollouts):
    small = config(prompts_per_step=1)
    before = {str(n): 0.1 * n for n in range(1, 9)}
    memory = remember(small, before, 0, [9], make_rollouts([[1.0, 0.1]]))  # worth 0.45
    assert len(memory) == MEMORY_STEPS
    assert "1" not in memory and memory["9"] == pytest.approx(0.45)


def test_without_a_fraction_nothing_is_remembered(make_rollouts):
    assert remember(config(replay_fraction=0.0), {}, 0, [1], make_rollouts([[1.0, 0.0]])) == {}


def test_a_step_asks_its_share_of_what_is_remembered():
    memory = {"3": 0.5, "8": 0.2, "9": 1e-9}
    assert replayed(config(), {}, 0, 4) == []
    drawn = [tuple(replayed(config(), memory, step, 4)) for step in range(200)]
    assert all(len(set(pair)) == 2 for pair in drawn)
    assert set(drawn) == {(3, 8)}  # what is worth nothing is not drawn beside what is
    assert len(replayed(config(replay_fraction=0.25), memory, 0, 4)) == 1
    single = [replayed(config(replay_fraction=0.25), memory, step, 4)[0] for step in range(400)]
    assert 0.63 < single.count(3) / 400 < 0.80  # 5 / 7


def test_a_step_mixes_new_prompts_with_remembered_ones(make_engine):
    engine = make_engine(prompt_selection="regret", replay_fraction=0.5, prompts_per_step=8)
    drawn, _, _ = sample_rounds(engine, 3, {str(n): 1.0 for n in range(4)}, Stopwatch())
    assert [p.text for p in drawn.prompts[4:]] == [engine.train_prompts[n].text for n in range(4)]
    assert len(drawn.prompts) == 8


def test_the_memory_goes_from_step_to_step(make_engine):
    engine = make_engine(prompt_selection="regret", replay_fraction=0.5, prompts_per_step=8)
    state, _, first = train_step(engine, RunState())
    assert 0 < len(state.replay) <= 8
    _, _, second = train_step(engine, state)
    asked = {p.text for p in first.prompts}
    assert sum(p.text in asked for p in second.prompts) >= min(4, len(state.replay))


def test_a_step_from_a_checkpoint_asks_what_an_undisturbed_one_asks(make_engine):
    engine = make_engine(prompt_selection="regret", replay_fraction=0.5, prompts_per_step=8)
    memory = {str(n): 1.0 / (3 + n) for n in (11, 2, 30, 4, 19)}
    saved = RunState(**json.loads(json.dumps(asdict(RunState(step=2, replay=memory)))))
    first, again = (sample_rounds(engine, 2, m, Stopwatch()) for m in (memory, saved.replay))
    assert [p.text for p in first[0].prompts] == [p.text for p in again[0].prompts]
    assert first[2] == again[2]
