from formalrl.games.embedded.directions import bend, compass, relative

GRID = frozenset(["N", "NE", "E", "SE", "S", "SW", "W", "NW"])


def test_compass_points():
    assert [compass((0, 0), p) for p in ((1, 0), (0, 1), (-1, -1), (1, 3))] == ["E", "N", "SW", "NNE"]


def test_directions_relative_to_a_piece():
    assert relative("Forward", "N", GRID) == ("N",)
    assert relative("FR", "S", GRID) == ("SW",)
    assert set(relative("Forwards", "N", GRID)) == {"NW", "N", "NE"}
    assert relative("FL", "N", frozenset("NESW")) == ("W",)


def test_bends():
    assert bend((0, 0), (1, 0), (2, 0)) == 0
    assert bend((0, 0), (1, 0), (1, 1)) > 100
