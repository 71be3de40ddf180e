import pytest

from formalrl.games.library.custodial import TEMPLATES


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda t: t.name)
def test_captures_are_beside_the_move_and_never_on_it(template, plays, men):
    caught = 0
    for game, steps in plays(template, 5):
        for before, move, after in steps:
            if move[1] < 0:
                continue
            assert not before.what[move[1]], "moves end on free sites"
            enemy = 3 - before.mover
            gone = [s for s in range(game.board_size) if before.who[s] == enemy != after.who[s]]
            caught += len(gone)
            assert men(game, after, before.mover) >= men(game, before, before.mover)
            if gone:
                assert set(gone) & set(game.topology.targets("Adjacent")[move[1]])
    assert caught
