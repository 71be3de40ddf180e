"""Text and numbers for people."""

import math

import pytest

from formalrl.experiments.showing import show_number, show_percent, show_seconds, show_setting, show_text


def test_invisible_characters_become_visible():
    assert show_text("a\x00b\x1bc\x7f") == "a\u2400b\u241bc\u2421"
    assert show_text("x\u202ey\ud800") == "x<U+202E>y<U+D800>"
    assert show_text("line\n\ttab é 日本 👍🏽") == "line\n\ttab é 日本 👍🏽"


def test_long_text_is_cut_with_a_mark():
    assert show_text("x" * 2000, 10) == "x" * 10 + " [... 1,990 more characters]"


def test_chat_messages_and_other_data_become_text():
    assert show_text([{"role": "user", "content": "hi"}]) == "user: hi"
    assert show_text(None) == "" and show_text({"a": 1}) == '{"a": 1}' and show_text(3) == "3"


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, "-"), (math.nan, "-"), (512, "512"), (1.0, "1"), (0.12346, "0.1235"), (123456, "123,456"), ("x", "x")],
)
def test_numbers(value, shown):
    assert show_number(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, "-"), (0, "0 %"), (1, "100 %"), (0.995, "99.5 %"), (0.99999, "> 99.9 %"), (0.0001, "0.01 %"), (True, "-")],
)
def test_percent(value, shown):
    assert show_percent(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"), [(0.03, "30 ms"), (4.24, "4.2 s"), (125, "2 min 5 s"), (3900, "1 h 5 min")]
)
def test_seconds(value, shown):
    assert show_seconds(value) == shown


def test_settings():
    assert [show_setting(v) for v in (None, True, 0.0003, [1], "x")] == ["none", "true", "0.0003", "[1]", "x"]
