import itertools
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formalrl.tasks.reductions import Operands, is_within, solve, split, value_of

EXPRESSIONS = st.builds(
    lambda first, rest: str(first) + "".join(f"{operator}{number}" for operator, number in rest),
    st.integers(0, 12),
    st.lists(st.tuples(st.sampled_from("+-*"), st.integers(0, 12)), min_size=1, max_size=7),
)


def reachable(operands):
    """Every expression that some order of reductions leads to."""
    found, todo = {operands}, [operands]
    while todo:
        current = todo.pop()
        new = {current.reduce(position) for position in current.reducible()} - found
        found |= new
        todo += new
    return found


def test_an_expression_splits_into_numbers_and_operators():
    assert split("5+3*10-2") == Operands((5, 3, 10, 2), "+*-")
    assert split("5+3*10-2").text(" ") == "5 + 3 * 10 - 2"


@pytest.mark.parametrize(
    ("expression", "positions"),
    [("1+2+3", [0, 1]), ("1+2*3", [1]), ("1*2+3", [0]), ("1*2*3", [0, 1]), ("9-2+3", [0]), ("1+9-2", [0, 1]),
     ("9-2-3", [0]), ("9-2*3", [1]), ("1+2*3+4+5", [1, 3])],
)  # fmt: skip
def test_only_pairs_that_keep_the_value_are_reducible(expression, positions):
    assert split(expression).reducible() == positions


@settings(max_examples=200, deadline=None)
@given(EXPRESSIONS, st.integers(0, 5))
def test_every_step_has_one_operator_fewer_and_the_same_value(expression, seed):
    steps = solve(expression, seed)
    value = eval(expression)
    assert value_of(expression) == value
    assert steps[0] == split(expression) and steps[-1] == Operands((value,), "")
    for before, after in itertools.pairwise(steps):
        assert len(after.operators) == len(before.operators) - 1
        assert eval(after.text(" ")) == value


@settings(max_examples=100, deadline=None)
@given(EXPRESSIONS, st.sampled_from([10, 13, 50, 100, 1000]))
def test_bounds_hold_for_exactly_the_numbers_that_reductions_can_produce(expression, max_value):
    largest = max(abs(number) for operands in reachable(split(expression)) for number in operands.numbers)
    assert is_within(expression, max_value) == (largest < max_value)


def test_steps_are_drawn_evenly_and_not_from_left_to_right():
    first = Counter(solve(f"{a}+{b}+{c}+1", 0)[1].numbers for a in (2, 3) for b in (40, 50) for c in (600, 700))
    assert len(first) == 8
    left = sum(solve(f"{a}+{b}+4+5", 0)[1].numbers[0] == a + b for a in range(1, 40) for b in range(1, 50))
    assert left / (39 * 49) == pytest.approx(1 / 3, abs=0.04)


def test_steps_depend_on_the_expression_and_the_seed_only():
    assert solve("1+2+3+4+5", 0) == solve("1+2+3+4+5", 0)
    assert len({tuple(solve("1+2+3+4+5", seed)) for seed in range(200)}) == 24  # 4 * 3 * 2 orders, all distinct
