def test_long_hops(make, perft):
    hop = "(move Hop Orthogonal (between before:3 after:3 if:(is Enemy (who at:(between)))) (to if:(is Empty (to))))"
    start = '(start {(place "Man1" {"A1"}) (place "Man2" {"A3"})})'
    assert perft(make(piece=f'(piece "Man" Each {hop})', start=start), 1) == [2]
