import pytest

from formalrl.games.ludii.pieces import infill_pieces


@pytest.mark.parametrize(
    ("infill", "pieces"),
    [
        ("(is Line 3)", ["(is Line 3)"]),
        (' x (a (b)) 3 {(c) (d "(")} ', ["(a (b))", "(c)", '(d "(")']),
        ("", []),
        ("word", []),
        ("(a", []),
        ("(a)) (b)", []),
        ("(a}", []),
        ('(a") (b)', []),
    ],
)
def test_the_calls_at_the_top_are_the_pieces(infill, pieces):
    assert infill_pieces(infill) == pieces
