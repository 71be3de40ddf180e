import pytest


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
