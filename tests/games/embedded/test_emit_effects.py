def test_state_is_changed_by_effects(make):
    then = '(then (and {(set Var "x" 4) (set Counter 7) (remember Value "y" (last To)) (set Score P2 2)}))'
    game = make(play=f"(forEach Piece {then})")
    c = game.start()
    game.play(c, game.moves(c)[0])
    assert (c.vars["x"], c.scores[2], c.mem["y"], c.counter) == (4, 2, [c.last_to], 8)
