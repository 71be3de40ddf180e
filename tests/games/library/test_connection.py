import pytest

from formalrl.games.library.connection import TEMPLATES


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda t: t.name)
def test_the_last_stone_joins(template, plays, men):
    for game, steps in plays(template):
        before, move, after = steps[-1]
        if after.winner and template.name in ("Bridge Builders", "Causeway", "Crossed Canals", "Five Harbors"):
            assert after.winner == before.mover == after.who[move[1]]
            near = game.topology.targets("Adjacent")[move[1]]
            assert any(after.who[s] == after.winner for s in near), "a lone stone joins nothing"
        if template.name == "Dead End Street" and after.winner:
            assert after.winner != before.mover
        if template.name != "Cut Ropes":
            sizes = [men(game, b) for b, _, _ in steps]
            assert sizes == sorted(sizes) or "Gathering" in template.name


def test_vines_grow_beside_themselves(plays):
    (template,) = (t for t in TEMPLATES if t.name == "Vines")
    for game, steps in plays(template):
        near = game.topology.targets("Orthogonal")
        assert all(any(b.who[s] == b.mover for s in near[m[1]]) for b, m, _ in steps if m[1] >= 0)
