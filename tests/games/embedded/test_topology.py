from formalrl.games.embedded import shapes
from formalrl.games.embedded.topology import Topology


def test_steps_and_lines_of_a_square_board():
    board = Topology(shapes.rectangle(3, 3, True), "Cell")
    assert [len(board.targets(d)[4]) for d in ("Orthogonal", "Diagonal", "Adjacent")] == [4, 4, 8]
    assert board.rays("E")[0] == ((1, 2),)
    assert len(board.line_through(4, "Adjacent")) == 4
    assert board.distance("Orthogonal", 0)[8] == 4


def test_hexagons_have_six_neighbors_and_six_far_diagonals():
    board = Topology(shapes.hexagonal("Hexagon", 3, None), "Cell")
    assert [len(board.targets(d)[9]) for d in ("Adjacent", "Orthogonal", "Diagonal")] == [6, 6, 6]


def test_vertices_step_along_edges():
    board = Topology(shapes.rectangle(3, 3, False), "Vertex")
    assert (len(board.targets("Adjacent")[4]), len(board.targets("All")[4])) == (4, 8)
