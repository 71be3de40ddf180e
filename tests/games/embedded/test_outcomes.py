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


def test_a_site_that_is_held_keeps_its_piece(make):
    game = make(start='(start {(place "Man1" {"A1" "B1"}) (place "Man2" {"B1" "E5"})})')
    assert game.start().who[:2] == [1, 1]
