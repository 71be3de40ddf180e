import pytest

from formalrl.games.library.race import TEMPLATES


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda t: t.name)
def test_nobody_is_taken_and_the_last_move_arrives(template, plays, men):
    for game, steps in plays(template):
        if template.name not in ("Toll Gate", "Porters"):
            assert {men(game, after) for _, _, after in steps} == {men(game, game.start())}
        before, move, after = steps[-1]
        goal = game.equipment.measure.extremes["Top" if before.mover == 1 else "Bottom"]
        if template.name in ("River Race", "Toll Gate", "Snow Plow", "Stepping Stones") and after.winner:
            arrived = move[1] in goal and after.winner == before.mover
            assert arrived or len(game.moves(_handed_over(before, after))) == 1, "there, or the other one is stuck"


def _handed_over(before, after):
    state = after.copy()
    state.over, state.mover, state.nxt, state.prev = False, after.nxt, before.mover, before.mover
    return state


def test_porters_leave_one_by_one(plays, men):
    (template,) = (t for t in TEMPLATES if t.name == "Porters")
    for game, steps in plays(template):
        assert all(men(game, b) - men(game, a) in (0, 1) for b, _, a in steps)
        assert not men(game, steps[-1][2], steps[-1][2].winner) or steps[-1][2].winner == steps[-1][0].mover
