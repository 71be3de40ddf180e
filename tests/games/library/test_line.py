import pytest

from formalrl.games.library.line import TEMPLATES


def longest(game, state) -> int:
    """Return the length of the longest row of one kind of piece."""
    best = 0
    for site in range(game.board_size):
        for ray in game.topology.rays("Adjacent")[site] if state.what[site] else ():
            length = 1
            while length <= len(ray) and state.what[ray[length - 1]] == state.what[site]:
                length += 1
            best = max(best, length)
    return best


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda t: t.name)
def test_play_goes_on_until_there_is_a_row(template, plays):
    for game, steps in plays(template):
        if steps[-1][2].winner and template.name not in ("Mill Wheel", "Lantern Pairs"):  # other ways to win
            assert longest(game, steps[-1][2]) >= 3
        if template.name in ("Row of Stones", "Falling Leaves", "Close Quarters"):
            assert all(longest(game, before) < 4 for before, _, _ in steps)


def test_leaves_lie_on_the_ground_or_on_leaves(plays):
    (template,) = (t for t in TEMPLATES if t.name == "Falling Leaves")
    for game, steps in plays(template):
        rows = game.equipment.measure.grid[0]
        below = {s: next((r[0] for r in game.topology.rays("S")[s]), None) for s in range(game.board_size)}
        for before, move, _ in steps:
            assert rows[move[1]] == 0 or before.what[below[move[1]]]
