import functools
import os
import time

import pytest

from formalrl.errors import RewardError
from formalrl.rewards._pool import RewardPool, num_cores
from formalrl.rewards.call import RewardKey, deterministic, in_trainer
from formalrl.rewards.scorers import GIVE_UP_AFTER, InProcessScorer, MixedScorer, first_of_equal, open_scorer
from formalrl.rewards.signature import RewardRow
from formalrl.rewards.weighted import WeightedRewards
from formalrl.tasks.arithmetic import Arithmetic
from formalrl.tasks.sentiment import Sentiment

KEY = RewardKey()
ROWS = [RewardRow("p", text) for text in ("a", "bb", "a")]


def process(prompt, completion):
    return float(os.getpid())


def length(prompt, completion):
    return float(len(completion))


@in_trainer
def own_process(prompt, completion):
    return float(os.getpid())


def rewards(scorer):
    try:
        return [score.reward for score in scorer.score(ROWS, KEY)]
    finally:
        scorer.close()


def test_a_worker_a_core_calls_the_reward_unless_told_otherwise():
    pool = open_scorer(process)
    assert isinstance(pool, RewardPool) and pool.num_workers == num_cores()
    assert os.getpid() not in rewards(pool)
    shared = open_scorer(process, num_trainers=1000)
    assert isinstance(shared, RewardPool) and shared.num_workers == 1
    shared.close()
    assert rewards(open_scorer(process, workers=0)) == [os.getpid()] * 3


def test_a_reward_that_belongs_to_the_trainer_is_called_there_until_workers_are_asked_for():
    assert rewards(open_scorer(own_process)) == [os.getpid()] * 3
    assert os.getpid() not in rewards(open_scorer(own_process, workers=1))


@pytest.mark.parametrize("task", [Arithmetic(), Sentiment()])
def test_quick_rewards_of_our_own_cost_no_processes(task):
    assert isinstance(open_scorer(task.reward), InProcessScorer)


def test_of_several_rewards_each_is_called_where_it_belongs():
    scorer = open_scorer(WeightedRewards((process, own_process, length), (0.0, 0.0, 2.0)), is_odd, workers=None)
    assert isinstance(scorer, MixedScorer)
    scores = scorer.score(ROWS, KEY)
    verdicts = scorer.judge(ROWS, KEY)
    scorer.close()
    assert [score.reward for score in scores] == [2.0, 4.0, 2.0]
    for score in scores:
        assert score.parts["own_process"] == os.getpid() != score.parts["process"]
    assert [verdict.reward for verdict in verdicts] == [1.0, 0.0, 1.0]


def is_odd(prompt, completion):
    return len(completion) % 2 == 1


def test_verdicts_come_from_the_same_workers():
    scorer = open_scorer(length, is_odd, workers=1)
    assert [score.reward for score in scorer.judge(ROWS, KEY)] == [1.0, 0.0, 1.0]
    assert rewards(scorer) == [1.0, 2.0, 1.0]
    here = open_scorer(length, is_odd, workers=0)
    assert [score.reward for score in here.judge(ROWS, KEY)] == [1.0, 0.0, 1.0]


def test_a_reward_that_only_hangs_is_not_waited_for():
    def hanging(prompt, completion):
        time.sleep(1000)

    scorer = open_scorer(hanging, workers=2, timeout_s=0.05)
    with pytest.raises(RewardError, match=f"the first {GIVE_UP_AFTER} calls of the reward all failed") as caught:
        scorer.score([RewardRow("p", str(n)) for n in range(100)], KEY)
    scorer.close()
    assert "\n" not in str(caught.value)
    patient = open_scorer(hanging, workers=2, timeout_s=0.05, give_up=False)
    scores = patient.score([RewardRow("p", str(n)) for n in range(20)], KEY)
    patient.close()
    assert {score.error for score in scores} == {"timeout"}


def test_the_scorer_without_workers_calls_a_deterministic_reward_once_for_equal_rows():
    calls = []

    def counted(prompt, completion):
        calls.append(completion)
        return len(completion)

    scorer = InProcessScorer(functools.partial(deterministic(counted)))
    rows = [RewardRow("p", text, COLUMNS) for text in ("a", "bb", "a")]
    assert [score.reward for score in scorer.score(rows, KEY)] == [1.0, 2.0, 1.0]
    assert calls == ["a", "bb"] and first_of_equal(rows) == [0, 1, 0]
    scorer.close()
    scorer.close()


COLUMNS = {"answer": "a"}
