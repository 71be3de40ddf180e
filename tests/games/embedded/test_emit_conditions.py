import pytest


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("(is In (last To) (sites Board))", True),
        ("(is In {(last To) (last From)} (sites Board))", True),
        ("(is In {(last To) (last From)} (sites Empty))", False),
        ("(is In {1 3} (array {1 2 3}))", True),
        ("(is In {1 4} (array {1 2 3}))", False),
        ("(is In {} (sites Empty))", True),
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


def test_the_target_of_a_move_is_meant_where_no_place_is_named(make):
    def targets(condition):
        game = make(piece=f'(piece "Man" Each (move Step (to if:{condition})))')
        return {to for _, to, *_ in game.moves(game.start())}

    assert targets("(is In (sites Bottom))") == targets("(is In (to) (sites Bottom))") == {1}


@pytest.mark.parametrize(
    ("condition", "ends"),
    [
        ("(is Empty (between))", False),  # nothing is between
        ("(is Empty (- 0 1))", False),
        ("(is Empty 99)", False),
        ("(not (is Empty 99))", True),
        ("(is Occupied (between))", False),
        ("(is Empty (- 9 1))", True),
    ],
)
def test_no_place_off_the_board_is_empty(make, condition, ends):
    game = make(
        "(square 3)",
        '(piece "Stone" Each)',
        "",
        "(move Add (to (sites {0})))",
        f"(end (if {condition} (result Mover Win)))",
    )
    c = game.start()
    game.play(c, game.moves(c)[0])
    assert c.over == ends
