import pytest

from formalrl.games.library.replacement import TEMPLATES


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda t: t.name)
def test_a_capture_is_where_the_move_ends(template, plays, men):
    captures = 0
    for game, steps in plays(template):
        for before, move, after in steps:
            if move[0] < 0:
                continue
            lost = men(game, before) - men(game, after)
            captures += lost
            assert lost == (before.who[move[1]] == 3 - before.mover)
            assert after.who[move[1]] == before.mover
    assert captures
