"""Which prompts a step asks: by hand, and the same for the same key."""

import numpy as np
import pytest

from formalrl.training import prompt_selection
from formalrl.training.prompt_selection import UNIFORM_SHARE, prompt_weights, select_prompts
from formalrl.training.stopwatch import Stopwatch

U = UNIFORM_SHARE


def weights(rollouts, *args):
    return list(prompt_weights(rollouts, *args))


def test_learnability_is_the_variance_by_hand(make_rollouts):
    # variances 1/4, 0, 1/16: four fifths, nothing, one fifth of what is not uniform
    found = weights(make_rollouts([[1.0, 0.0], [1.0, 1.0], [0.5, 0.0]]), "learnability")
    assert found == pytest.approx([(1 - U) * 0.8 + U / 3, U / 3, (1 - U) * 0.2 + U / 3])


def test_regret_is_what_is_missing_to_the_best_by_hand(make_rollouts):
    # the best reward of all is 1; means 0.5, 1, 0.25 leave 0.5, 0, 0.75
    found = weights(make_rollouts([[1.0, 0.0], [1.0, 1.0], [0.25, 0.25]]), "regret")
    assert found == pytest.approx([(1 - U) * 0.4 + U / 3, U / 3, (1 - U) * 0.6 + U / 3])


def test_regret_of_the_best_of_two_forgives_what_one_completion_reaches(make_rollouts):
    # the best of two completions is 1, 1 and 0.25: only the third prompt leaves anything to learn
    found = weights(make_rollouts([[1.0, 0.0], [1.0, 1.0], [0.25, 0.25]]), "regret", 2)
    assert found == pytest.approx([U / 3, U / 3, (1 - U) + U / 3])


@pytest.mark.parametrize("selection", ["learnability", "regret"])
def test_failed_scores_count_as_their_prompts_mean(make_rollouts, selection):
    some = weights(make_rollouts([[1.0, 0.0, None], [None, None, None], [0.5, 0.5, 0.5]]), selection)
    assert sum(some) == pytest.approx(1.0)
    assert some[1] == pytest.approx(U / 3)  # nothing is known of it
    assert some[0] > some[1]
    assert weights(make_rollouts([[None, None]] * 4), selection) == pytest.approx([0.25] * 4)


def test_when_nothing_is_left_to_learn_all_prompts_are_alike(make_rollouts):
    assert weights(make_rollouts([[1.0, 1.0], [1.0, 1.0]]), "regret") == pytest.approx([0.5, 0.5])


def test_uniform_selection_walks_through_the_epoch(make_engine):
    engine = make_engine()
    drawn = [select_prompts(engine, step, 0, 8, Stopwatch()) for step in range(7)]
    assert sorted(np.concatenate(drawn)) == list(range(56))


@pytest.mark.parametrize("selection", ["learnability", "regret"])
def test_a_selection_depends_on_its_key_alone(make_engine, selection):
    engine = make_engine(prompt_selection=selection, candidates_per_prompt=3)
    first, again = (select_prompts(engine, 1, 0, 8, Stopwatch()).tolist() for _ in range(2))
    assert first == again
    assert len(set(first)) == 8
    assert select_prompts(engine, 0, 0, 8, Stopwatch()).tolist() != first
    assert select_prompts(engine, 1, 1, 8, Stopwatch()).tolist() != first


def test_draws_of_steps_and_rounds_have_keys_of_their_own(make_engine, monkeypatch):
    engine, keys = make_engine(prompt_selection="regret", seed=5), []

    def draw(weights, count, key):
        keys.append(tuple(key))
        return np.arange(count)

    monkeypatch.setattr(prompt_selection, "draw_by_weight", draw)
    for step, sampling_round in ((0, 0), (1, 0), (1, 2)):
        select_prompts(engine, step, sampling_round, 4, Stopwatch())
    assert keys == [(5, 0, 0), (5, 1, 0), (5, 1, 2)]


def test_prompts_that_the_policy_has_learned_are_seldom_asked(make_engine, monkeypatch):
    engine = make_engine(prompt_selection="regret", candidates_per_prompt=4)
    candidates = prompt_selection.PromptStream(56, 0).indices(0, 32)
    unlearned = set(candidates[:4].tolist())

    def probe_weights(*args):
        worth = np.array([float(number in unlearned) for number in candidates])
        return 0.999 * worth / worth.sum() + 0.001 / 32

    monkeypatch.setattr(prompt_selection, "prompt_weights", probe_weights)
    assert unlearned <= set(select_prompts(engine, 0, 0, 8, Stopwatch()).tolist())


def test_probing_is_timed_apart_from_sampling(make_engine):
    clock = Stopwatch()
    select_prompts(make_engine(prompt_selection="regret"), 0, 0, 8, clock)
    assert list(clock.seconds) == ["select"]
