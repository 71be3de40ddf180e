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


def test_whether_a_hop_can_go_on_counts_where_it_came_from(make):
    hop = "(move Hop (from (last To)) Orthogonal (between if:(is Enemy (who at:(between)))) {})"
    to = "(to if:(and (is Empty (to)) (not (is Visited (to)))))"
    again = f"(then (if (can Move {hop.format(to)}) (moveAgain)))"
    game = make(
        piece='(piece "Man" Each)',
        start='(start {(place "Man1" {"A1"}) (place "Man2" {"B1" "E5"})})',
        play=f"(forEach Piece {hop.replace('(last To)', '(from)').format(to + ' ' + again)})",
    )
    c = game.start()
    game.play(c, game.moves(c)[0])
    assert c.last_to == 2 and c.mover == 2  # back over B1 to A1 would be the only hop
