import pytest

from formalrl.games.library.mancala import TEMPLATES


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda t: t.name)
def test_seeds_are_neither_made_nor_hidden(template, plays):
    destroys = template.name in ("Granary", "Four Terraces", "Empty Hands")
    for game, steps in plays(template):
        everywhere = range(game.equipment.size)
        for before, _, after in steps:
            had, has = (sum(c.cnt[s] for s in everywhere if c.what[s]) for c in (before, after))
            assert has <= had if destroys else has == had


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda t: t.name)
def test_a_sowing_fills_the_holes_after_the_chosen_one(template, plays):
    (game, steps), *_ = plays(template, 1)
    before, move, after = steps[0]
    assert before.mover == 1 and before.cnt[move[0]] > 0
    changed = [s for s in range(game.board_size) if before.cnt[s] != after.cnt[s]]
    assert move[0] in changed and len(changed) >= 2
