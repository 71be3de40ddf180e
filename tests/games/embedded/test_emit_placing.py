def test_hands_promotion_and_removal(make, perft):
    game = make(
        piece='(piece "Man" Each) (piece "King" Each) (hand Each)',
        start='(start (place "Man" "Hand" count:2))',
        play='(move (from (handSite Mover)) (to (sites Empty)) (then (promote (last To) (piece "King") Mover)))',
    )
    assert perft(game, 2) == [25, 600]
    c = game.start()
    game.play(c, game.moves(c)[0])
    assert c.what[0] == game.equipment.find("King1")
    assert c.cnt[game.equipment.hands[1].start] == 1


def test_a_shot_is_a_move_to_where_it_lands(make):
    piece = '(piece "Man" Each (move Step (to if:(is Empty (to))))) (piece "Rock" Neutral)'
    game = make(piece=piece, play='(if (= 0 (count Moves)) (forEach Piece) (move Shoot (piece "Rock0") Orthogonal))')
    c = game.start()
    game.play(c, next(m for m in game.moves(c) if m[1] == 1))
    assert sorted(m[:2] for m in game.moves(c)) == [(k, k) for k in (0, 2, 3, 4, 6, 11, 16, 21)]
