import asyncio
import sys

import cloudpickle
import pytest

from formalrl.rewards._payload import fingerprint
from formalrl.rewards._pool import RewardPool
from formalrl.rewards.cache import Lookup, ScoreCache, row_key
from formalrl.rewards.call import RewardKey, deterministic
from formalrl.rewards.scorers import InProcessScorer
from formalrl.rewards.signature import RewardRow
from formalrl.rewards.weighted import WeightedRewards
from formalrl.types import Score

ROWS = [RewardRow("p", "a"), RewardRow("p", "b"), RewardRow("p", "a")]


def test_equal_rows_are_scored_once_and_known_the_next_time():
    cache = ScoreCache()
    lookup = Lookup(cache, b"f", ROWS)
    assert lookup.wanted == [0, 1]
    assert lookup.fill({0: Score(1.0), 1: Score(2.0)}) == [Score(1.0), Score(2.0), Score(1.0)]
    assert Lookup(cache, b"f", ROWS).wanted == []
    assert Lookup(cache, b"f", ROWS).fill({}) == [Score(1.0), Score(2.0), Score(1.0)]
    assert Lookup(cache, b"g", ROWS).wanted == [0, 1]
    assert Lookup(cache, None, ROWS).wanted == [0, 1, 2]


def test_failures_are_not_kept():
    cache = ScoreCache()
    Lookup(cache, b"f", ROWS).fill({0: Score(None, "timeout"), 1: Score(2.0)})
    assert Lookup(cache, b"f", ROWS).wanted == [0]


def test_the_oldest_goes_first():
    cache = ScoreCache(max_entries=2)
    for key in (b"1", b"2"):
        cache.put(key, Score(1.0))
    cache.get(b"1")
    cache.put(b"3", Score(1.0))
    assert cache.get(b"2") is None and cache.get(b"1") == Score(1.0)


def test_the_key_knows_prompt_completion_and_columns():
    chat = [{"role": "user", "content": "p"}]
    rows = [
        *ROWS[:2],
        RewardRow("q", "a"),
        RewardRow("p", "a", {"x": 1}),
        RewardRow(chat, "a"),
        RewardRow("p", "\ud800"),
    ]
    assert len({row_key(b"f", row) for row in rows}) == len(rows)
    assert row_key(b"f", RewardRow("p", "a", {"x": object()})) is None


KEY = RewardKey(seed=1, step=2)
TEXTS = [RewardRow("p", text, {"answer": "a"}) for text in ("a", "bb", "a", "raise", "bb", "ccc")]
ERRORS = [1.0, 2.0, 1.0, "exception", 2.0, 3.0]


@pytest.fixture(autouse=True)
def light_workers():
    """Send functions of this file by value: importing it, and pytest with it, would slow every start."""
    module = sys.modules[__name__]
    cloudpickle.register_pickle_by_value(module)
    yield
    cloudpickle.unregister_pickle_by_value(module)


def outcomes(scores):
    return [score.error or score.reward for score in scores]


def length_of(log, text):
    """The length of the text; the call is noted in a file."""
    with open(log, "a") as file:
        file.write(f"{text} ")
    if text == "raise":
        raise ValueError("no")
    return float(len(text))


def rewards(log):
    """The same deterministic reward in every form."""

    async def one_by_one(prompt, completion, answer):
        await asyncio.sleep(0)
        return length_of(log, completion)

    async def many_async(prompts, completions, answer):
        return [length_of(log, completion) for completion in completions]

    return {
        "each": lambda prompt, completion, answer: length_of(log, completion),
        "batch": lambda prompts, completions, answer: [length_of(log, completion) for completion in completions],
        "async": one_by_one,
        "async batch": many_async,
    }


@pytest.mark.parametrize("form", ["each", "batch", "async", "async batch"])
def test_a_deterministic_reward_of_any_form_is_called_once_for_equal_rows(tmp_path, form):
    log = tmp_path / "log"
    with RewardPool(deterministic(rewards(log)[form]), workers=2) as pool:
        assert outcomes(pool.score(TEXTS, KEY)) == ERRORS
        log.write_text("")
        assert outcomes(pool.score(TEXTS, KEY)) == ERRORS
        assert set(log.read_text().split()) == {"raise"}  # a failure is not kept
        log.write_text("")
        more = [*TEXTS[:2], RewardRow("p", "dddd", {"answer": "a"}), RewardRow("p", "a", {"answer": "other"})]
        assert outcomes(pool.score(more, KEY)) == [1.0, 2.0, 4.0, 1.0]
        assert sorted(log.read_text().split()) == ["a", "dddd"]
        assert pool.cache.num_hits > 0


def test_of_several_rewards_each_is_kept_under_its_own_name(tmp_path):
    forms, brief = rewards(tmp_path / "log"), tmp_path / "brief"

    def noted(prompts, completions):
        with open(brief, "a") as file:
            file.write("".join("x" for _ in completions))
        return [-1.0 for _ in completions]

    members = deterministic(forms["each"]), deterministic(forms["async"]), noted
    with RewardPool(WeightedRewards(members, (1.0, 10.0, 0.5)), workers=2) as pool:
        first = pool.score(TEXTS[:3], KEY)
        assert outcomes(first) == [10.5, 21.5, 10.5]
        assert (tmp_path / "log").read_text().split().count("a") == 2  # by two rewards
        assert pool.score(TEXTS[:3], KEY) == first
        assert (tmp_path / "log").read_text().split().count("a") == 2
        assert brief.read_text() == "x" * 6  # one that declares nothing is asked for every row
    (tmp_path / "log").write_text("")
    assert outcomes(InProcessScorer(WeightedRewards(members, (1.0, 10.0, 0.5))).score(TEXTS[:3], KEY)) == [
        10.5,
        21.5,
        10.5,
    ]


@pytest.mark.parametrize("where", ["workers", "trainer"])
def test_a_reward_that_compares_its_rows_gets_them_all(where):
    def share(prompts, completions):
        return [completions.count(text) / len(completions) for text in completions]

    share.deterministic = share.batch_dependent = True
    rows, few = [TEXTS[0], TEXTS[0], TEXTS[1], TEXTS[5]], [TEXTS[0], TEXTS[1]]
    scorer = RewardPool(share, workers=1) if where == "workers" else InProcessScorer(share)
    assert outcomes(scorer.score(rows, KEY)) == [0.5, 0.5, 0.25, 0.25]
    assert outcomes(scorer.score(few, KEY)) == [0.5, 0.5]
    scorer.close()


NOTEBOOK = """
factor = {factor}

def helper(text):
    return factor * len(text)

def reward(prompt, completion, answer=None):
    return helper(completion)

reward.deterministic = True
"""


def cell(factor):
    """A function as a cell of a notebook defines it: in `__main__`, without a file."""
    names = {"__name__": "__main__"}
    exec(NOTEBOOK.format(factor=factor), names)
    return names["reward"]


def test_a_function_of_a_notebook_is_known_by_what_it_does():
    assert fingerprint(cell(2)) == fingerprint(cell(2))
    assert fingerprint(cell(2)) != fingerprint(cell(3))  # its source is the same, what it uses is not
    with RewardPool(WeightedRewards((cell(2), cell(3)), (1.0, 1.0)), workers=1) as pool:
        for _ in range(2):
            assert outcomes(pool.score(TEXTS[:3], KEY)) == [5.0, 10.0, 5.0]
        assert pool.cache.num_hits == 6
