from formalrl.games.embedded.actions import act_move


def test_copies_are_independent(make):
    game = make()
    c = game.start()
    new = c.copy()
    act_move(new, (act_move, 0, 1))
    assert (c.what[0], new.what[0], new.what[1]) == (1, 0, 1)
