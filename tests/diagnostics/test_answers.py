"""Answer statistics by hand."""

import math

import pytest

from formalrl.diagnostics.answers import answer_statistics


def test_counts_shares_and_entropy_by_hand():
    found = answer_statistics(["22", "29", "22", "7"])
    assert (found.n, found.num_distinct, found.most_common_answer, found.most_common_share) == (4, 3, "22", 0.5)
    assert found.top_answers == (("22", 0.5), ("29", 0.25), ("7", 0.25))
    assert found.entropy == pytest.approx(1.5 * math.log(2))


def test_effective_answers_cover_95_percent():
    tail = [str(i) for i in range(10)]
    assert answer_statistics(["a"] * 96 + ["b"] * 94 + tail).num_effective == 2
    rare = [str(i) for i in range(100)] * 5
    assert answer_statistics(["a"] * 500 + rare).num_effective == 91, "90 of the hundred rare ones, at 0.5 % each"
    assert answer_statistics(["a"] * 190 + tail).num_effective == 1
    assert answer_statistics(["a"] * 190 + ["b"] * 8 + ["c", "d"]).num_effective == 2, "4 % of the answers are b"


def test_no_answers_give_zeros():
    found = answer_statistics([])
    assert (found.num_distinct, found.num_effective, found.entropy, found.most_common_answer) == (0, 0, 0.0, None)


def test_top_answers_are_cut_at_the_number_asked_for():
    assert len(answer_statistics([str(i) for i in range(50)], num_top=5).top_answers) == 5
