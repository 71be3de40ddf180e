import pytest

from formalrl.games.embedded.program import PASS
from formalrl.games.library.blocking import TEMPLATES


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda t: t.name)
def test_the_game_is_over_when_the_next_player_is_stuck(template, plays):
    for game, steps in plays(template):
        before, move, after = steps[-1]
        assert after.over and after.winner == before.mover
        going_on = after.copy()
        going_on.over, going_on.mover, going_on.nxt, going_on.prev = False, after.nxt, before.mover, before.mover
        assert game.moves(going_on) == [PASS]
        assert all(m is not PASS for _, m, _ in steps) and move[1] >= 0
