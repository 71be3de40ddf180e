import pytest


@pytest.mark.parametrize(
    ("number", "value"),
    [
        ('(ahead (coord "A1") steps:2 N)', 10),
        ('(column of:(coord "C2"))', 2),
        ("(centrePoint)", 12),
        ('(where "Man" P2)', 24),
        ("(regionSite (sites Bottom) index:3)", 3),
        ('(var "none")', -1),
        ("(var)", -1),
        ("(score P1)", 0),
    ],
)
def test_numbers(make, number, value):
    game = make(play="(move Select (from (sites Board)))", end=f"(end (if (= {number} {value}) (result Mover Win)))")
    c = game.start()
    game.play(c, game.moves(c)[0])
    assert c.over
