import pytest

from formalrl.games.embedded.outcomes import by_score, fill, finish, put


def test_results_and_scores(make):
    c = make().start()
    finish(c, (1, "Loss"))
    assert (c.over, c.winner) == (True, 2)
    by_score(c, ((1, 3), (2, 3)), False)
    assert c.winner == 0
    by_score(c, ((1, 3), (2, 4)), True)
    assert c.winner == 1


def test_places_are_checked(make):
    c = make().start()
    with pytest.raises(IndexError):
        put(c, 1, (99,), 1, -1, -1)
    fill(c, (3,), 4)
    assert (c.what[3], c.cnt[3]) == (1, 4)
