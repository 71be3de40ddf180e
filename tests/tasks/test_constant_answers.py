import itertools
import random

import pytest

from formalrl.rewards.arithmetic import reward_of_error
from formalrl.tasks.constant_answers import best_answers, greedy_answers


def mean_reward(histogram, answers, reward):
    total = sum(histogram.values())
    return sum(n * max(reward(abs(value - a)) for a in answers) for value, n in histogram.items()) / total


@pytest.mark.parametrize("shape", ["sigmoid", "linear", "exact"])
@pytest.mark.parametrize("k", [1, 2, 3, 4])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_best_answers_are_those_of_an_exhaustive_search(shape, k, seed):
    rng = random.Random(seed)
    histogram = {rng.randrange(-10, 10): rng.randrange(1, 9) for _ in range(14)}

    def reward(error):
        return reward_of_error(error, shape)

    candidates = range(min(histogram), max(histogram) + 1)
    best = max(mean_reward(histogram, answers, reward) for answers in itertools.combinations(candidates, k))
    found = best_answers(histogram, reward, k)
    assert found.reward == pytest.approx(best, abs=1e-12)
    assert mean_reward(histogram, found.answers, reward) == pytest.approx(best, abs=1e-12)
    assert greedy_answers(histogram, reward, k).reward <= best + 1e-12


def test_answers_by_hand():
    # Values 0, 0, 1, 5 with reward 1 for the exact value: 0 is right twice, 0 and 1 (or 5) three times of four.
    histogram = {0: 2, 1: 1, 5: 1}

    def exact(error):
        return float(error == 0)

    assert best_answers(histogram, exact, 1).answers == (0,)
    assert best_answers(histogram, exact, 1).reward == 0.5
    assert best_answers(histogram, exact, 2).accuracy == 0.75
    assert best_answers(histogram, exact, 3).reward == best_answers(histogram, exact, 30).reward == 1.0
    assert greedy_answers(histogram, exact, 2).reward == 0.75
