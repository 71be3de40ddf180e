from formalrl.games.ludii.tally import Tally


def test_a_tally_counts_wins_draws_cuts_choices_and_sites():
    tally = Tally(players=2, sites=4)
    tally.add(natural=True, winner=2, turns=3, moves=4, sizes=[3, 1, 2, 1])
    tally.add(natural=True, winner=0, turns=1, moves=1, sizes=[1])
    tally.add(natural=False, winner=1, turns=5, moves=5, sizes=[2] * 5)
    tally.use([0, 0, -1, 7])
    tally.use([3, 4])
    expected = {"playouts": 3, "wins": [0, 1], "draws": 1, "cut": 1, "turns": 9, "moves": 10}
    expected |= {"decisions": 2 + 0 + 5, "branching": 7 + 1 + 10, "sites": 4, "sites_used": 2}
    assert tally.counts() == expected
