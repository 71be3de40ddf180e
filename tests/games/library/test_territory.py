import pytest

from formalrl.games.library.territory import TEMPLATES


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda t: t.name)
def test_the_larger_share_wins(template, plays, men):
    for game, steps in plays(template):
        last = steps[-1][2]
        scored = last.scores[1] != last.scores[2]
        assert last.over
        if template.name not in ("Spores", "Inner Court") or men(game, last, 1) * men(game, last, 2):
            assert last.winner == (0 if not scored else 1 if last.scores[1] > last.scores[2] else 2)


def test_spores_turn_all_their_neighbors(plays):
    (template,) = (t for t in TEMPLATES if t.name == "Spores")
    for game, steps in plays(template):
        near = game.topology.targets("Adjacent")
        for before, move, after in steps:
            assert all(after.who[s] != 3 - before.mover for s in near[move[1]] if move[1] >= 0)
