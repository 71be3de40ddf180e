import pytest

from formalrl.games.embedded import shapes
from formalrl.games.embedded.graph import BoardFault, Graph
from formalrl.games.embedded.graphedit import first_crossing, remove_edge, remove_faces, split_edges, without_vertices


def test_what_goes_takes_its_cells_along():
    graph = shapes.rectangle(2, 2, True)
    assert len(without_vertices(graph, {4}).faces or []) == 0
    remove_edge(graph, 0, 1)
    assert len(graph.faces or []) == 3
    remove_faces(graph, {0}, True)
    assert len(graph.faces or []) == 2
    assert first_crossing(graph) is None
    with pytest.raises(BoardFault):
        without_vertices(graph, {99})


def test_edges_end_at_the_vertices_that_lie_on_them():
    graph = Graph([(0, 0), (3, 0), (2, 0), (1, 0), (1, 1)], [(0, 1), (3, 4)])
    split_edges(graph)
    assert graph.edges == [(0, 3), (3, 2), (2, 1), (3, 4)]
