import pytest

from formalrl.games.library.hunt import TEMPLATES


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda t: t.name)
def test_sides_have_pieces_of_their_own_and_the_game_ends_with_a_winner(template, plays):
    for game, steps in plays(template):
        sides = {owner: {c.base for c in game.equipment.components if c.owner == owner and c.base} for owner in (1, 2)}
        assert sides[1] and sides[2] and not sides[1] & sides[2]
        assert steps[-1][2].over and steps[-1][2].winner in (1, 2)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda t: t.name)
def test_either_side_wins_at_random(template, plays):
    assert {steps[-1][2].winner for _, steps in plays(template, 60)} == {1, 2}
