import pytest


@pytest.mark.parametrize(
    ("region", "count"),
    [
        ('(sites Around (coord "A1"))', 3),
        ('(sites Between from:(coord "A1") to:(coord "A5"))', 3),
        ('(sites Distance from:(coord "A1") (exact 2))', 5),
        ('(expand origin:(coord "C3") steps:2)', 25),
        ("(forEach (sites Board) if:(is Occupied (site)))", 2),
        ('(sites Group at:(coord "A1"))', 1),
        ("(sites Around (sites Bottom))", 5),
        ("(sites Around (sites Bottom) includeSelf:True)", 10),
        ('(sites Around (coord "C3") if:(and (= (from) (coord "C3")) (!= (to) (from))))', 8),
        ("(forEach of:(sites Bottom) (sites Around (site) Orthogonal))", 10),
    ],
)
def test_sizes_of_relative_regions(make, region, count):
    end = f"(end (if (= {count} (count Sites in:{region})) (result Mover Win)))"
    game = make(play="(move Select (from (sites Board)))", end=end)
    c = game.start()
    game.play(c, game.moves(c)[0])
    assert c.over
