def test_arithmetic_reaches_the_score(make):
    game = make(end="(end (if (= 2 (count Moves)) (byScore {(score P1 (* 2 (count Pieces P1))) (score P2 (- 5 4))})))")
    c = game.start()
    for _ in range(2):
        game.play(c, game.moves(c)[0])
    assert (c.over, c.winner, c.scores[1:3]) == (True, 1, [2, 1])


def test_a_piece_is_named_with_or_without_its_owner(make):
    same = '(= (id "Man2" Next) (id "Man" Next))'
    game = make(end=f"(end (if (and {same} (!= (id P2) (id P1))) (result Mover Win)))")
    c = game.start()
    game.play(c, game.moves(c)[0])
    assert c.over


def test_seeds_in_hand_are_on_cells_and_seeds_on_the_board_are_not():
    from formalrl.games.embedded.compile import compile_game
    from formalrl.games.embedded.engine import EmbeddedEngine
    from formalrl.games.engine import Diagnostics, Limits

    hand, board = "(handSite P1)", "1"
    for place, kind, number in ((hand, "Cell", 2), (hand, "", 0), (board, "", 2), (board, "Cell", 0)):
        text = f"""(game "S" (players 2) (equipment {{(mancalaBoard 2 3 store:None (track "T" "0,E,N,W" loop:True))
            (piece "Seed" Shared) (hand Each)}}) (rules (start (set Count 2 to:(sites Track)))
            (play (move (from 0) (to (handSite Mover)) count:2))
            (end (if (= {number} (count {kind} at:{place})) (result Mover Win)))))"""
        assert not isinstance(compile_game(text, Limits()), Diagnostics)
        metrics = EmbeddedEngine().score_text(text, 2, 5)
        assert metrics.wins == (2, 0), (place, kind, metrics)
