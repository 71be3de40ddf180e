from formalrl.games.embedded.graph import Graph, clockwise, make_faces, reorder, segments_cross


def test_faces_of_two_squares():
    graph = Graph([(0, 0), (1, 0), (2, 0), (0, 1), (1, 1), (2, 1)])
    graph.edges = [(0, 1), (1, 2), (3, 4), (4, 5), (0, 3), (1, 4), (2, 5)]
    make_faces(graph)
    assert sorted(sorted(f) for f in graph.faces or []) == [[0, 1, 3, 4], [1, 2, 4, 5]]
    assert all(clockwise([graph.points[v] for v in f]) for f in graph.faces or [])


def test_reordering_goes_up_the_rows():
    assert reorder(Graph([(1, 1), (0, 0), (1, 0)])).points == [(0, 0), (1, 0), (1, 1)]


def test_segments_cross_inside_only():
    assert segments_cross((0, 0), (2, 2), (0, 2), (2, 0)) == (1, 1)
    assert segments_cross((0, 0), (1, 1), (1, 1), (2, 0)) is None
