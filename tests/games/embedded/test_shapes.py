from formalrl.games.embedded import shapes


def test_sizes_of_boards():
    assert len(shapes.rectangle(3, 4, True).faces or []) == 12
    assert len(shapes.rectangle(3, 4, False).points) == 12
    assert len(shapes.hexagonal("Hexagon", 4, None).faces or []) == 37
    assert len(shapes.hexagonal("Diamond", 5, None).faces or []) == 25
    assert len(shapes.hexagonal("Triangle", 4, None).faces or []) == 10
    assert len(shapes.triangular("Hexagon", 3, None, False).points) == 19
    assert len(shapes.wedge(3, 3).points) == 7
    assert len(shapes.rings(4, 3, True, True, False).points) == 24
    assert len(shapes.wheel((1, 6, 6)).points) == 13
    assert len(shapes.mancala(2, 6, True).points) == 14
