import os
import random
import re
from collections import Counter
from pathlib import Path

import pytest

from formalrl.games.embedded.compile import compile_game
from formalrl.games.embedded.engine import EmbeddedEngine
from formalrl.games.engine import Diagnostics, Limits
from formalrl.games.library import FAMILIES, games
from formalrl.games.library.catalog import TEMPLATES, listing, variants
from formalrl.games.metrics import completion, decision_moves, mean_turns, natural_ends

ALL = games(all_variants=True)
FIRST = {t.name: variants(t)[0] for t in TEMPLATES}
UNEVEN = {"hunt": 0.97}
"""Family -> the largest share that a side may win at random; 0.9 elsewhere."""


def test_the_library_is_large_and_every_family_well_filled():
    filled = Counter(t.family for t in TEMPLATES)
    assert len(TEMPLATES) >= 60 and len(FAMILIES) >= 8 and min(filled.values()) >= 8
    assert len({g.text for g in ALL.values()}) == len(ALL) > len(games()) >= 300


def test_names_differ_and_belong_to_one_game():
    assert len({t.name for t in TEMPLATES}) == len(TEMPLATES)
    assert all(f'"{g.name}"' in g.text and g.name.startswith(g.template) for g in ALL.values())


def test_piece_names_are_varied():
    pieces = Counter(name for g in FIRST.values() for name in set(re.findall(r'\(piece "([A-Za-z]+)"', g.text)))
    assert len(pieces) >= 60 and max(pieces.values()) <= 4


def test_every_choice_makes_a_difference():
    for template in TEMPLATES:
        for key in template.choices:
            inside = template.text + "".join(v for values in template.choices.values() for v in values)
            assert f"<{key}>" in inside, (template.name, key)


def test_every_game_is_described_in_the_documentation():
    assert [t.name for t in TEMPLATES if not t.about.endswith(".")] == []
    page = (Path(__file__).parents[3] / "docs" / "games.md").read_text(encoding="utf-8")
    assert listing() in page, "docs/games.md: put in what formalrl.games.library.catalog.listing() returns"


def test_every_base_game_compiles():
    for game in games().values():
        assert not isinstance(compile_game(game.text, Limits()), Diagnostics), game.name


@pytest.mark.slow
def test_every_variant_compiles():
    for game in ALL.values():
        assert not isinstance(compile_game(game.text, Limits()), Diagnostics), game.name


def shape(name: str, playouts: int) -> str:
    """Return what is odd about random play of a game; nothing when it is playable."""
    game = ALL[name]
    m = EmbeddedEngine().score_text(game.text, playouts)
    if m.status != "ok":
        return f"{m.status}: {m.message}"
    spare = 2 * (0.1 / playouts) ** 0.5  # two standard deviations of a share of 0.9
    odd = {
        f"{mean_turns(m):.1f} turns": not 4 <= mean_turns(m) <= 400,
        f"{natural_ends(m):.2f} end": natural_ends(m) < 0.3,
        f"{completion(m):.2f} have a winner": completion(m) < 0.25 - spare,
        f"wins {m.wins}": max(m.wins) / playouts > UNEVEN.get(game.family, 0.9) + spare,
        f"{decision_moves(m):.2f} are decisions": decision_moves(m) < 0.4,
    }
    return ", ".join(text for text, wrong in odd.items() if wrong)


@pytest.mark.parametrize("family", FAMILIES)
def test_first_games_are_playable_and_even(family):
    odd = {name: shape(name, 20) for name, game in FIRST.items() if game.family == family}
    assert not {name: text for name, text in odd.items() if text}


@pytest.mark.slow
def test_base_games_are_playable_and_even():
    """FORMALRL_LIBRARY_GAMES (40) base games are tried; a large number means all of them."""
    names = sorted(games())
    number = min(len(names), int(os.environ.get("FORMALRL_LIBRARY_GAMES", "40")))
    odd = {name: shape(name, 40) for name in random.Random(0).sample(names, number)}
    assert not {name: text for name, text in odd.items() if text}
