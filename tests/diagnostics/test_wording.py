"""Numbers and answers in sentences."""

import pytest

from formalrl.diagnostics.wording import number, percent, short_answer


@pytest.mark.parametrize(
    ("fraction", "shown"),
    [(0, "0 %"), (0.001, "less than 1 %"), (0.04, "4 %"), (0.994, "99 %"), (0.9999, "99.9 %"), (1, "100 %")],
)
def test_percent_never_rounds_to_none_or_all(fraction, shown):
    assert percent(fraction) == shown


def test_rewards_have_two_digits_and_three_just_below_one():
    assert [number(v) for v in (0.8234, 0.9951, 1.0, -0.5, 12.0)] == ["0.82", "0.995", "1.00", "-0.50", "12.00"]
    assert number(None) == "unknown"


def test_answers_stay_in_one_harmless_line():
    assert short_answer("22") == "22"
    assert short_answer("a\nb\x00`c`\u202e") == "a?b?'c'?"
    assert short_answer("") == "(nothing)" and short_answer(" \t ") == "(blank)"
    assert len(short_answer("x" * 1000)) == 24 and short_answer("x" * 1000).endswith("...")
