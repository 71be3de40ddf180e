from formalrl.games.embedded.actions import act_move


def test_copies_are_independent(make):
    game = make()
    c = game.start()
    new = c.copy()
    act_move(new, (act_move, 0, 1))
    assert (c.what[0], new.what[0], new.what[1]) == (1, 0, 1)


def test_the_counter_is_0_at_the_second_move(make):
    game = make(end="(end (if (= (counter) 0) (result Mover Draw)))")
    c = game.start()
    game.play(c, game.moves(c)[0])
    assert not c.over
    game.play(c, game.moves(c)[0])
    assert c.over


def test_a_seat_is_a_player_until_they_swap(make):
    c = make().start()
    assert c.seat == 1
    c.swapped = True
    assert c.seat == 2
