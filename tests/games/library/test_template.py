import pytest

from formalrl.games.library.template import PHRASES, Template


def test_blanks_become_choices_and_phrases_of_phrases():
    template = Template("A", "f", "", '(game "NAME" <board> <to-empty>)', {"board": ("(square <n>)",), "n": ("3",)})
    assert template.fill("B", ("(square <n>)", "3")) == '(game "B" (square 3) (to if:(is Empty (to))))'


def test_an_unknown_blank_is_an_error():
    with pytest.raises(KeyError):
        Template("A", "f", "", "<nothing>").fill("A", ())


def test_phrases_close_their_brackets():
    for text in PHRASES.values():
        assert text.count("(") == text.count(")") and text.count("{") == text.count("}")
