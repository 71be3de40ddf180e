def test_pieces_hands_and_names(make):
    game = make(piece='(piece "Man" Each) (piece "Rock" Neutral) (hand Each size:2)')
    eq = game.equipment
    assert [c.name for c in eq.components[1:]] == ["Man1", "Man2", "Rock0"]
    assert eq.size == 29 and list(eq.hands[2]) == [27, 28]
    assert eq.coordinate("A1") == 0 and eq.coordinate("Z9") is None
