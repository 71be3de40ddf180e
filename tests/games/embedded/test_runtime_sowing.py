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
    c = game.start()
    c.cnt[1] = 6
    game.play(c, next(m for m in game.moves(c) if m[0] == 1))
    assert c.cnt[:6] == [3, 1, 3, 3, 3, 3]


def test_the_last_seed_may_fall_into_the_hole_it_came_from():
    from formalrl.games.embedded.compile import compile_game
    from formalrl.games.engine import Diagnostics, Limits

    text = """(game "S" (players 2)
    (equipment {(mancalaBoard 2 3 store:None (track "T" "0,E,N,W" loop:True)) (piece "Seed" Shared)})
    (rules (start (set Count 6 to:(sites Track))) (play (move Select (from 1) (then (sow))))
    (end (if (= 1 (last To afterConsequence:True)) (result Mover Win)))))"""
    game = compile_game(text, Limits())
    assert not isinstance(game, Diagnostics)
    c = game.start()
    game.play(c, game.moves(c)[0])
    assert c.over and c.winner == 1
