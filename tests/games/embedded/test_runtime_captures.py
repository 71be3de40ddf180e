def test_rows_are_caught_between_two_pieces(make):
    then = """(then (custodial (from (last To)) Orthogonal
        (between (max 5) if:(is Enemy (who at:(between))) (apply (remove (between))))
        (to if:(is Friend (who at:(to))))))"""
    game = make(
        piece='(piece "Man" Each)',
        start='(start {(place "Man1" {"A1"}) (place "Man2" {"B1" "C1"})})',
        play=f"(move Add (to (sites Empty)) {then})",
    )
    c = game.start()
    game.play(c, next(m for m in game.moves(c) if m[1] == 3))
    assert [bool(w) for w in c.what[:5]] == [True, False, False, True, False]


def test_an_area_is_enclosed_by_one_group_only(make):
    then = """(then (enclose (from (last To)) Orthogonal
        (between if:(or (is Enemy (who at:(between))) (is Empty (between))) (apply (set State at:(between) 1)))))"""
    game = make(
        piece='(piece "Man" Each)',
        start='(start (place "Man1" {"A2" "D4"}))',
        play=f'(move Add (to (sites {{"B1"}})) {then})',
    )
    c = game.start()
    game.play(c, game.moves(c)[0])
    # The wall of the corner is B1 and A2, which touch; that of the rest is B1, A2 and D4, which do not.
    assert [s for s in range(25) if c.st[s]] == [0]


def test_an_empty_site_may_count_as_of_the_enclosed_group(make):
    # Man2 on A1 and B1 have one empty neighbor, B2, once A2 and C1 are taken; it touches C2 and B3, which are taken.
    then = """(then (enclose (from (last To)) Orthogonal
        (between if:(is Enemy (who at:(between))) (apply (and (addScore Mover 1) (remove (between))))){}))"""
    for more, score in ((" numException:1", 3), ("", 0)):
        game = make(
            piece='(piece "Man" Each)',
            start='(start {(place "Man1" {"A2" "C2" "B3"}) (place "Man2" {"A1" "B1"})})',
            play=f'(move Add (to (sites {{"C1"}})) {then.format(more)})',
        )
        c = game.start()
        game.play(c, game.moves(c)[0])
        assert (c.scores[1], bool(c.what[0])) == (score, not more)
