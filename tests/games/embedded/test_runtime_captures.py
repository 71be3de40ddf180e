def test_a_seed_is_sown_in_every_hole(make):
    from formalrl.games.embedded.compile import compile_game
    from formalrl.games.engine import Diagnostics, Limits

    text = """(game "S" (players 2)
    (equipment {(mancalaBoard 2 3 store:None (track "T" "0,E,N,W" loop:True)) (piece "Seed" Shared)
    (regions P1 (sites Bottom)) (regions P2 (sites Top))}) (rules (start (set Count 2 to:(sites Track)))
    (play (move Select (from (sites Mover) if:(> (count at:(from)) 0)) (then (sow))))
    (end (if (no Moves Next) (result Mover Win)))))"""
    game = compile_game(text, Limits())
    assert not isinstance(game, Diagnostics)
    c = game.start()
    game.play(c, next(m for m in game.moves(c) if m[0] == 1))
    assert c.cnt[:6] == [2, 0, 3, 2, 2, 3]


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
