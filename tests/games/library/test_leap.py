import pytest

from formalrl.games.library.leap import TEMPLATES


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda t: t.name)
def test_captured_pieces_lie_between_two_free_ends(template, plays, men):
    captures = 0
    for game, steps in plays(template):
        for before, move, after in steps:
            assert men(game, after, before.mover) <= men(game, before, before.mover)
            if men(game, after, 3 - before.mover) < men(game, before, 3 - before.mover):
                captures += 1
                assert not before.what[move[1]] and not after.what[move[0]]
                assert move[1] not in game.topology.targets("Adjacent")[move[0]]
    assert captures


def test_a_chain_goes_on_with_the_same_pawn(plays):
    (template,) = (t for t in TEMPLATES if t.name == "Chain Leap")
    again = [(b, m) for _, steps in plays(template, 10) for b, m, _ in steps if b.prev == b.mover]
    assert again and all(m[0] == b.last_to for b, m in again)
