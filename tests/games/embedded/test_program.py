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


SWAP = """(game "Swap" (players 2) (equipment {(board (square 3)) (piece "Disc" P1) (piece "Cross" P2)
(regions P1 (sites Bottom)) (regions P2 (sites Top))}) (rules (meta (swap)) (play (move Add (to (sites Empty))))
(end (if (all Sites (sites Mover) if:(is Mover (who at:(site)))) (result Mover Win)))))"""


def test_after_a_swap_the_pieces_stay_and_the_players_change_places():
    from formalrl.games.embedded.compile import compile_game
    from formalrl.games.embedded.program import Game
    from formalrl.games.engine import Limits

    game = compile_game(SWAP, Limits())
    assert isinstance(game, Game)
    c = game.start()
    seats: list[int] = []
    for site in (0, -1, 6, 1, 7, 2):
        seats.append(c.seat)
        game.play(c, next(m for m in game.moves(c) if m[1] == site))
    assert seats == [1, 2, 1, 2, 1, 2] and c.who[:3] == [1, 1, 1]
    assert (c.over, c.winner, c.turns, c.moves) == (True, 2, 5, 6)


REPEAT = """(game "Repeat" (players {(player N) (player S)}) (equipment {(board (rectangle 1 3))
(piece "Man" Each (move Step (to if:(is Empty (to)))))}) (rules (meta (no Repeat KIND))
(start {(place "Man1" {"A1"})}) (play (if (is Mover P1) (forEach Piece) (move Pass))) (end (if (no Moves WHO)
(result P2 Win)))))"""


def test_a_player_whose_moves_all_repeat_has_none():
    from formalrl.games.embedded.compile import compile_game
    from formalrl.games.embedded.program import Game
    from formalrl.games.engine import Limits

    for who, plies in (("Mover", 5), ("Next", 4)):
        game = compile_game(REPEAT.replace("KIND", "Positional").replace("WHO", who), Limits())
        assert isinstance(game, Game)
        c = game.start()
        for ply in range(plies):
            assert not c.over, ply
            game.play(c, game.moves(c)[0])
        assert c.over and c.moves == plies


def test_a_position_counts_as_seen_after_the_first_move_of_a_turn():
    from formalrl.games.embedded.compile import compile_game
    from formalrl.games.embedded.program import Game
    from formalrl.games.engine import Limits

    text = """(game "T" (players {(player N) (player S)}) (equipment {(board (rectangle 2 3))
    (piece "Man" Each (move Step (directions {E W}) (to if:(is Empty (to)))
    (then (if (= 0 (count MovesThisTurn)) (moveAgain)))))})
    (rules (meta (no Repeat)) (start {(place "Man1" {"A1"}) (place "Man2" {"A2"})}) (play (forEach Piece))
    (end (if (no Pieces Mover) (result P2 Win)))))"""
    game = compile_game(text, Limits())
    assert isinstance(game, Game)
    c = game.start()
    game.play(c, game.moves(c)[0])  # to B1, noted
    assert [m[1] for m in game.moves(c)] == [2]  # the position with A1 was noted at the start
    game.play(c, game.moves(c)[0])  # to C1, the second move of the turn
    game.play(c, game.moves(c)[0])
    assert sorted(m[1] for m in game.moves(c)) == [3, 5]  # back to A2 is as before the turn, but that was not noted
