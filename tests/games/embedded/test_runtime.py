import pytest

from formalrl.games.embedded import runtime as r


def test_reads_and_sets():
    assert (r.at([1, 2], -1), r.at([1, 2], 1), r.item((5,), 3)) == (0, 2, -1)
    assert (r.divide(-7, 2), r.modulo(-7, 2)) == (-3, -1)
    assert r.joined([1, 2], [2, 3]) == [1, 2, 3] and r.common([1, 2], [2]) == [2] and r.without([1, 2], [2]) == [1]
    with pytest.raises(ArithmeticError):
        r.power(99999, 9)


def test_work_is_limited(make):
    game = make()
    game.max_work = 10
    with pytest.raises(r.OverBudget):
        r.spend(game.start(), 11)
