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
