def test_long_hops(make, perft):
    hop = "(move Hop Orthogonal (between before:3 after:3 if:(is Enemy (who at:(between)))) (to if:(is Empty (to))))"
    start = '(start {(place "Man1" {"A1"}) (place "Man2" {"A3"})})'
    assert perft(make(piece=f'(piece "Man" Each {hop})', start=start), 1) == [2]


def test_looking_for_a_move_leaves_no_trace(make):
    then = "(then (if (can Move (forEach Piece (move Step (to if:(is Empty (to)))) P2)) (set Value P2 1)))"
    game = make(play=f"(forEach Piece {then})")
    c = game.start()
    game.play(c, game.moves(c)[0])
    assert (c.prev, c.mover, c.nxt) == (1, 2, 1)
