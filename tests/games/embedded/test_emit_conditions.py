import pytest


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("(is In (last To) (sites Board))", True),
        ("(is Empty (last From))", True),
        ("(and (is Mover P1) (is Next P2))", True),
        ("(or {(is Full) (is Even 3)})", False),
        ("(all Sites (sites Bottom) if:(is Empty (site)))", False),
        ("(no Pieces Next)", False),
        ("(is Line 2)", False),
        ("(!= (count Sites in:(sites Empty)) 23)", False),
    ],
)
def test_conditions_after_one_move(make, condition, holds):
    game = make(end=f"(end (if {condition} (result Mover Win)))")
    c = game.start()
    game.play(c, next(m for m in game.moves(c) if m[1] == 1))
    assert c.over is holds
