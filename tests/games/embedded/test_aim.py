def test_directions_of_steps(make, perft):
    for directions, count in (
        ("Orthogonal", 2),
        ("Diagonal", 1),
        ("Forward", 1),
        ("(directions {FR FL})", 1),
        ("All", 3),
    ):
        game = make(piece=f'(piece "Man" Each (move Step {directions} (to if:(is Empty (to)))))')
        assert perft(game, 1) == [count]
