import random

from formalrl.games.uct import Uct, skill


def test_uct_takes_a_win(make):
    game = make(
        "(square 3)",
        '(piece "Man" Each)',
        "",
        "(move Add (to (sites Empty)))",
        "(end (if (is Line 3) (result Mover Win)))",
    )
    c = game.start()
    for site in (0, 3, 1, 4):
        game.play(c, next(m for m in game.moves(c) if m[1] == site))
    assert Uct(200).choose(game, c, random.Random(1))[1] == 2


def test_uct_beats_random_play(make):
    game = make(
        "(square 3)",
        '(piece "Man" Each)',
        "",
        "(move Add (to (sites Empty)))",
        "(end (if (is Line 3) (result Mover Win)))",
    )
    assert skill(game, 8, 40) > 0.6
