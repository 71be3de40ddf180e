import pytest

from formalrl.games.embedded.compile import compile_game
from formalrl.games.embedded.engine import EmbeddedEngine
from formalrl.games.engine import Diagnostics, Limits
from formalrl.games.library import FAMILIES, games


def test_the_library_is_large_and_varied():
    base = games()
    assert len(base) >= 60 and len(FAMILIES) >= 8
    assert len({g.text for g in games(True).values()}) == len(games(True)) > len(base)


def test_every_base_game_compiles():
    for game in games().values():
        assert not isinstance(compile_game(game.text, Limits()), Diagnostics), game.name


@pytest.mark.slow
def test_every_variant_compiles():
    for game in games(True).values():
        assert not isinstance(compile_game(game.text, Limits()), Diagnostics), game.name


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted({g.template for g in games().values()}))
def test_both_players_can_win(name):
    m = EmbeddedEngine().score_text(games()[name].text, 40)
    assert m.status == "ok" and min(m.wins) > 0 and m.turns >= 3 * m.playouts
