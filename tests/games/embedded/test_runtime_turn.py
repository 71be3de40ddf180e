def test_kings_may_not_stay_in_check(make, perft):
    king = '(piece "King" Each (move Step (to if:(not (is Friend (who at:(to)))))))'
    start = '(start {(place "King1" {"A1"}) (place "King2" {"C1"})})'
    play = '(do (forEach Piece) ifAfterwards:(not (is Threatened (id "King" Mover))))'
    assert perft(make(piece=king, start=start, play=play), 1) == [1]
