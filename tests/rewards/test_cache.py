from formalrl.rewards.cache import Lookup, ScoreCache, row_key
from formalrl.rewards.signature import RewardRow
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
