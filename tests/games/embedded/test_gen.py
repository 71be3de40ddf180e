def test_constants_are_folded(make):
    game = make(end="(end (if (= (+ 1 2) 3) (result Mover Win)))")
    assert "(1 + 2)" not in game.source and "True" in game.source


def test_deep_conditions_become_functions(make):
    game = make(end="(end (if " + "(not " * 40 + "(is Full)" + ")" * 40 + " (result Mover Win)))")
    c = game.start()
    game.play(c, game.moves(c)[0])
    assert not c.over
