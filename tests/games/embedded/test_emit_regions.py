import pytest


@pytest.mark.parametrize(
    ("region", "count"),
    [
        ("(sites Corners)", 4),
        ("(expand (sites Bottom))", 10),
        ("(difference (sites Board) (sites Outer))", 9),
        ("(sites Around (centrePoint) Orthogonal)", 4),
        ("(forEach (sites Top) if:(is Occupied (site)))", 1),
        ('(sites Direction from:(coord "A1") E)', 4),
        ("(intersection (sites Row 0) (sites Column 0))", 1),
        ("(sites Occupied by:All)", 2),
        ("(sites Hand)", 0),
        ('(sites LineOfSight at:(coord "A1") N)', 0),
        ('(sites {"A1" "B2"})', 2),
        ("(sites Occupied by:(player 2))", 1),
        ('(sites Occupied by:Next container:"Hand")', 0),
    ],
)
def test_sizes_of_regions(make, region, count):
    game = make(
        play="(move Select (from (sites Board)))",
        end=f"(end (if (= {count} (count Sites in:{region})) (result Mover Win)))",
    )
    c = game.start()
    game.play(c, game.moves(c)[0])
    assert c.over
