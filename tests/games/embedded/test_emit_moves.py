import pytest

from formalrl.games.embedded.engine import EmbeddedEngine


@pytest.mark.parametrize(
    ("move", "count"),
    [
        ("(move Slide Orthogonal)", 8),
        ("(move Slide (between (exact 2) if:(is Empty (between))))", 3),
        ("(move Leap {{F F R F} {F F L F}} (to if:(is Empty (to))))", 2),
        ("(or (move Step Forward (to if:(is Empty (to)))) (move Slide E))", 5),
        ("(move Hop (between if:(is Empty (between))) (to if:(is Empty (to))))", 3),
    ],
)
def test_moves_from_a_corner(make, perft, move, count):
    assert perft(make(piece=f'(piece "Man" Each {move})'), 1) == [count]


def test_a_hop_captures(make):
    start = '(start {(place "Man1" {"A1"}) (place "Man2" {"B2"})})'
    hop = """(piece "Man" Each
        (move Hop (between if:(is Enemy (who at:(between))) (apply (remove (between)))) (to if:(is Empty (to)))))"""
    game = make(piece=hop, start=start)
    c = game.start()
    game.play(c, game.moves(c)[0])
    assert c.what[12] == 1 and sum(map(bool, c.what)) == 1


@pytest.mark.parametrize(
    "move",
    [
        "(move Hop (between if:(is Empty (to))) (to if:(is Empty (to))))",
        "(move Hop (between before:(to) if:(is Empty (between))) (to if:(is Empty (to))))",
        "(move Step (from if:(is Empty (to))) (to if:(is Empty (to))))",
        "(move Slide (from if:(is Empty (to))) (between (max (to)) if:(is Empty (between))))",
    ],
)
def test_a_target_that_is_not_chosen_yet_is_no_fault_of_the_engine(make, move):
    game = make(piece=f'(piece "Man" Each {move})')
    assert EmbeddedEngine().evaluate(game, 5, 20).status in ("ok", "unplayable")
