def test_arithmetic_reaches_the_score(make):
    game = make(end="(end (if (= 2 (count Moves)) (byScore {(score P1 (* 2 (count Pieces P1))) (score P2 (- 5 4))})))")
    c = game.start()
    for _ in range(2):
        game.play(c, game.moves(c)[0])
    assert (c.over, c.winner, c.scores[1:3]) == (True, 1, [2, 1])
