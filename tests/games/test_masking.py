from formalrl.games.embedded.engine import EmbeddedEngine
from formalrl.games.engine import Diagnostics
from formalrl.games.library import games
from formalrl.games.masking import mask_names


def test_names_are_masked_in_the_order_of_their_declaration():
    text = """(game "Row 2" (players 2) (equipment {(board (square 3)) (piece "Stone" Each) (hand Each)
        (piece "Fire" Neutral) (regions "Stone Circle" P1 (sites Top))}) (rules (start (place "Stone1" "Hand" count:2))
        phases:{(phase "Setting" (play (move Add (piece "Fire") (to (sites Empty)))))}))"""
    assert mask_names(text) == (
        '(game "GAME_NAME" (players 2) (equipment {(board (square 3)) (piece "PIECE_ALPHA" Each) (hand Each)'
        ' (piece "PIECE_BETA" Neutral) (regions "REGION_ALPHA" P1 (sites Top))}) (rules (start (place "PIECE_ALPHA1"'
        ' "Hand" count:2)) phases:{(phase "PHASE_ALPHA" (play (move Add (piece "PIECE_BETA") (to (sites Empty)))))}))'
    )


def test_masking_twice_changes_nothing_and_what_cannot_be_read_stays():
    for game in list(games().values())[::9]:
        masked = mask_names(game.text)
        assert mask_names(masked) == masked != game.text
    assert mask_names("(game [") == "(game ["


def test_every_base_game_compiles_with_masked_names():
    first = {game.template: game for game in reversed(games(all_variants=True).values())}
    engine = EmbeddedEngine()
    for game in first.values():
        assert not isinstance(engine.compile(mask_names(game.text)), Diagnostics), game.name
