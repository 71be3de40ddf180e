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
