from formalrl.games.embedded.engine import EmbeddedEngine, plays_alike
from formalrl.games.embedded.program import Game
from formalrl.games.engine import Limits


def test_scores_repeat_and_depend_on_the_text(line_text):
    engine = EmbeddedEngine()
    assert engine.score_text(line_text, 20) == engine.score_text(line_text, 20)
    assert engine.score_text(line_text, 20) != engine.score_text(line_text.replace('"Tic"', '"Tac"'), 20)


def test_statuses(line_text):
    engine = EmbeddedEngine()
    assert engine.score_text("(").status == "not_compilable"
    assert engine.score_text(line_text.replace("(players 2)", "(players 3)")).status == "unsupported"
    game = engine.compile(line_text)
    assert engine.evaluate(game, 50, limits=Limits(max_total_moves=20)).status == "timeout"


def test_endless_games_are_cut(make):
    m = EmbeddedEngine().evaluate(make(), 2, 10)
    assert (m.cut, m.turns) == (2, 40)


def test_games_go_alike_where_the_same_choices_lead_to_the_same_counts(line_text):
    tic, tac, shorter, faulty = (
        EmbeddedEngine().compile(text)
        for text in (
            line_text,
            line_text.replace('"Tic"', '"Tac"'),
            line_text.replace("(is Line 3)", "(is Line 2)"),
            line_text.replace("(is Line 3)", "(= 1 (/ 1 (- (count Moves) (count Moves))))"),
        )
    )
    assert isinstance(tic, Game) and isinstance(tac, Game) and isinstance(shorter, Game) and isinstance(faulty, Game)
    assert plays_alike(tic, tac) and plays_alike(tic, tic, playouts=3, max_turns=2)
    assert not plays_alike(tic, shorter)
    assert not plays_alike(faulty, faulty)
