from formalrl.games.embedded import shapes
from formalrl.games.embedded.measure import Measure
from formalrl.games.embedded.topology import Topology


def square(size: int) -> Measure:
    return Measure(Topology(shapes.rectangle(size, size, True), "Cell"))


def test_regions_of_a_square_board():
    board = square(4)
    assert board.extremes["Top"] == [12, 13, 14, 15]
    assert sorted(board.corners) == [0, 3, 12, 15]
    assert len(board.outer) == 12 and len(board.inner) == 4
    assert sorted(board.centre) == [5, 6, 9, 10]
    assert board.labels["B3"] == 9
    assert sum(board.phases) == 8


def test_sides_of_a_diamond_of_hexagons():
    board = Measure(Topology(shapes.hexagonal("Diamond", 5, None), "Cell"))
    assert [len(board.sides[side]) for side in ("NE", "SE", "SW", "NW")] == [5, 5, 5, 5]
