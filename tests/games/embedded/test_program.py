import random

from formalrl.games.embedded.program import PASS, choose


def test_players_pass_when_stuck_and_draw_when_both_do(make):
    game = make(piece='(piece "Man" Each)', end="(end (if (is Full) (result Mover Win)))")
    c = game.start()
    assert game.moves(c) == [PASS]
    game.play(c, PASS)
    assert not c.over
    game.play(c, PASS)
    assert c.over and c.winner == 0


def test_tic_tac_toe_under_random_play(line_text):
    from formalrl.games.embedded.engine import EmbeddedEngine

    m = EmbeddedEngine().score_text(line_text, 2000)
    assert abs(m.wins[0] / 2000 - 0.585) < 0.05 and abs(m.wins[1] / 2000 - 0.288) < 0.05


def test_perft_of_tic_tac_toe(line_text, perft):
    from formalrl.games.embedded.compile import compile_game
    from formalrl.games.engine import Limits

    assert perft(compile_game(line_text, Limits()), 4) == [9, 72, 504, 3024]


def test_lazy_filters_draw_from_the_legal_moves(make):
    game = make(play="(do (forEach Piece) ifAfterwards:(is In (last To) (sites Bottom)))")
    rng = random.Random(0)
    for _ in range(20):
        c = game.start()
        assert choose(game, c, rng)[0][1] == 1
