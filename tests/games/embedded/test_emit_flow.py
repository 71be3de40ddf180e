def test_consequences_of_a_choice_are_kept(make):
    play = "(if (is Mover P1) (forEach Piece) (forEach Piece) (then (addScore Mover 3)))"
    game = make(play=play)
    c = game.start()
    game.play(c, game.moves(c)[0])
    assert c.scores[1] == 3


def test_priority_and_filters(make, perft):
    assert perft(make(play="(priority {(move Remove (sites Occupied by:Next)) (forEach Piece)})"), 1) == [1]
    after = "(do (forEach Piece) ifAfterwards:(is In (last To) (sites Bottom)))"
    assert perft(make(play=after), 1) == [1]


def test_the_longest_sequence_is_kept(make, perft):
    again = "(then (if (and (= 0 (count MovesThisTurn)) (is In (last To) (sites Bottom))) (moveAgain)))"
    game = make(play=f"(max Moves (forEach Piece (move Step (to if:(is Empty (to))) {again})))")
    assert perft(game, 1) == [1]
