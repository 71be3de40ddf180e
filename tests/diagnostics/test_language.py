import pytest
from hypothesis import given
from hypothesis import strategies as st

from formalrl.diagnostics.language import (
    distinct_n,
    is_repeated_phrase,
    language_statistics,
    repetition,
    shortest_period,
)


def test_counts_by_hand():
    # tokens a b a b | a c: 6 tokens, {a, b, c}; pairs ab ba ab ac: 3 of 4 differ; a and b come again in the first
    found = language_statistics(["abab", "ac"])
    assert (found.distinct_1, found.distinct_2) == (3 / 6, 3 / 4)
    assert found.repetition == pytest.approx(2 / 6)
    assert found.repeated_phrase_fraction == 1 / 2


def test_what_has_no_tokens_has_no_counts():
    found = language_statistics(["", ""])
    assert (found.distinct_1, found.repetition, found.repeated_phrase_fraction) == (None, None, None)
    one = language_statistics(["a", "b"])
    assert (one.distinct_1, one.distinct_2, one.repetition, one.repeated_phrase_fraction) == (1.0, None, 0.0, None)


@pytest.mark.parametrize("phrase", ["aa", "aaaa", "abab", "ababa", "abcabcab"])
def test_a_phrase_said_again_is_found_even_where_the_last_time_is_cut(phrase):
    assert is_repeated_phrase(phrase)


@pytest.mark.parametrize("phrase", ["", "a", "ab", "aba", "abcab", "aab", "abcd"])
def test_anything_else_is_no_repeated_phrase(phrase):
    assert not is_repeated_phrase(phrase)


@given(st.lists(st.sampled_from("ab"), min_size=1, max_size=12))
def test_the_shortest_period_is_that_of_the_definition(tokens):
    wanted = next(p for p in range(1, len(tokens) + 1) if tokens[p:] == tokens[: len(tokens) - p])
    assert shortest_period(tokens) == wanted


@given(st.lists(st.lists(st.integers(0, 3), max_size=6), max_size=5))
def test_shares_are_shares_and_do_not_depend_on_the_order(rows):
    for value in (distinct_n(rows, 1), distinct_n(rows, 2), repetition(rows)):
        assert value is None or 0.0 <= value <= 1.0
    assert language_statistics(rows) == language_statistics(rows[::-1])
