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
