import pytest

from formalrl.games.embedded.boardmaker import BoardMaker
from formalrl.games.embedded.boards import Refusal
from formalrl.games.embedded.checker import Term, check
from formalrl.games.embedded.reader import read
from formalrl.games.engine import Limits


def make(text: str, cells: bool = False):
    found = check(read(text, Limits()), "graph")
    assert isinstance(found, Term)
    return BoardMaker(cells, Limits()).make(found)


@pytest.mark.parametrize(
    ("text", "points", "edges"),
    [
        ("(merge (square 2) (shift 1 0 (square 2)))", 6, 7),
        ("(remove (square 3) vertices:{4})", 8, 8),
        ("(add (square 2) edges:{{0 3}})", 4, 5),
        ("(graph vertices:{{0 0} {1 0}} edges:{{0 1}})", 2, 1),
        ("(dual (hex 2))", 7, 12),
        ("(complete (regular 5))", 5, 10),
        ("(splitCrossings (graph vertices:{{0 0} {2 2} {0 2} {2 0}} edges:{{0 1} {2 3}}))", 5, 4),
    ],
)
def test_operators(text, points, edges):
    graph = make(text)
    assert (len(graph.points), len(graph.edges)) == (points, edges)


def test_crossings_come_after_the_vertices_that_were_there():
    graph = make("(splitCrossings (graph vertices:{{2 2} {0 0} {0 2} {2 0} {1 0} {1 2}} edges:{{0 1} {2 3} {4 5}}))")
    assert graph.points[:2] == [(2, 2), (0, 0)] and graph.points[6:] == [(1, 1)]
    assert {frozenset(e) for e in graph.edges} == {frozenset((k, 6)) for k in range(6)}


@pytest.mark.parametrize(
    "text",
    [
        "(square 500)",
        "(hex 200)",
        "(square 0)",
        "(remove (square 2) vertices:{9})",
        "(rotate (count Moves) (square 2))",
    ],
)
def test_impossible_boards_are_refused(text):
    with pytest.raises(Refusal):
        make(text, True)
