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


def test_a_win_after_a_swap_goes_to_who_began_as_the_other_player(line_text):
    from formalrl.games.embedded.compile import compile_game
    from formalrl.games.embedded.program import Game
    from formalrl.games.engine import Limits

    game = compile_game(line_text.replace("(rules", "(rules (meta (swap))"), Limits())
    assert isinstance(game, Game)
    c = game.start()
    for site in (0, -1, 3, 1, 4):
        game.play(c, next(m for m in game.moves(c) if m[1] == site))
    assert c.seat == 2 and Uct(200).choose(game, c, random.Random(1))[1] == 2
