import pytest

from formalrl.errors import ConfigError
from formalrl.games.choice import EngineChoice
from formalrl.games.engine import Diagnostics


def test_the_embedded_engine_needs_nothing(line_text):
    with EngineChoice().open() as opened:
        said = opened.check(line_text)
        assert isinstance(said, str) and "'Tic' compiles: 9 sites" in said
        assert isinstance(opened.check("(game"), Diagnostics)
        assert opened.score("(game", 3, 50, 0).status == "not_compilable"
        assert opened.score(line_text, 3, 50, 0).playouts == 3 and opened.title == "embedded"


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        (EngineChoice(ludii_jar="x.jar"), "--ludii-jar is for the ludii engine"),
        (EngineChoice(full_language=True), "--full-language is for the ludii engine"),
        (EngineChoice(wall_s=0), "--wall-s is 0"),
        (EngineChoice("ludii", "missing.jar"), "does not exist"),
    ],
)
def test_what_does_not_fit_together_is_said(choice, message):
    with pytest.raises(ConfigError, match=message), choice.open():
        pass


@pytest.mark.java
def test_ludii_checks_and_scores_the_same_text(ludii, line_text):
    with EngineChoice("ludii", wall_s=120).open() as opened:
        said = opened.check(line_text)
        assert isinstance(said, str) and "'Tic' compiles in ludii" in said and "9 sites, 2 players" in said
        assert opened.score(line_text, 20, 50, 0) == ludii.score_text(line_text, 20, 50)
