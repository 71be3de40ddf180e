from formalrl.games.embedded.engine import EmbeddedEngine
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
