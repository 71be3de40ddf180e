import pytest

from formalrl.games.embedded.compile import compile_game
from formalrl.games.engine import Diagnostics, Limits

TEXT = """(game "T" (players {{(player N) (player S)}}) (equipment {{(board (square 3)) (piece "Man" Each) {named}}})
(rules (play (move Add (to {to}))) (end (if (no Moves Next) (result Mover Win)))))"""


def test_a_region_of_each_player_is_the_movers():
    named = '(regions "Home" P1 (sites Bottom)) (regions "Home" P2 {7 8})'
    game = compile_game(TEXT.format(named=named, to='(sites Mover "Home")'), Limits())
    assert not isinstance(game, Diagnostics)
    c = game.start()
    assert [m[1] for m in game.moves(c)] == [0, 1, 2]
    game.play(c, game.moves(c)[0])
    assert [m[1] for m in game.moves(c)] == [7, 8]


def test_a_map_leads_from_site_to_site():
    named = '(map "Far" {(pair 0 8) (pair "B1" "B3")})'
    game = compile_game(TEXT.format(named=named, to='(mapEntry "Far" 1)'), Limits())
    assert not isinstance(game, Diagnostics)
    assert [m[1] for m in game.moves(game.start())] == [7]


@pytest.mark.parametrize("named", ['(regions "Home" {9})', '(map {(pair 0 "Z9")})'])
def test_what_is_not_on_the_board_is_refused(named):
    assert isinstance(compile_game(TEXT.format(named=named, to="(sites Board)"), Limits()), Diagnostics)
