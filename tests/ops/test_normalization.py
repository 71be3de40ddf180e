import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from formalrl.ops import normalization as n

INDEX = torch.tensor([0, 0, 0, 1, 1, 3])  # ragged; prompt 2 has no row


def test_masked_statistics_by_hand():
    values = torch.tensor([[1.0, 3.0], [5.0, math.nan]])
    mask = torch.tensor([[1.0, 1.0], [1.0, 0.0]])
    assert n.masked_mean(values, mask).item() == pytest.approx(3.0)
    assert n.masked_std(values, mask).item() == pytest.approx(2.0)  # sqrt((4 + 0 + 4) / 2)
    assert torch.allclose(n.normalize(values, mask), torch.tensor([[-1.0, 0.0], [1.0, 0.0]]))


def test_statistics_over_nothing_are_zero():
    nothing = torch.zeros(2, 2)
    assert n.masked_mean(torch.ones(2, 2), nothing).item() == 0.0
    assert n.masked_std(torch.ones(2, 2), nothing).item() == 0.0
    assert not n.normalize(torch.ones(2, 2), nothing).any()


def test_group_statistics_by_hand():
    values = torch.tensor([1.0, 2.0, 6.0, 4.0, 8.0, 5.0])
    assert n.group_count(INDEX).tolist() == [3, 3, 3, 2, 2, 1]
    assert torch.allclose(n.group_mean(values, INDEX), torch.tensor([3.0, 3, 3, 6, 6, 5]))
    # sqrt((4 + 1 + 9) / 2), sqrt((4 + 4) / 1), alone
    assert torch.allclose(n.group_std(values, INDEX), torch.tensor([math.sqrt(7)] * 3 + [math.sqrt(8)] * 2 + [0.0]))
    assert torch.allclose(n.group_center(values, INDEX), torch.tensor([-2.0, -1, 3, -2, 2, 0]))


def test_leave_one_out_excludes_the_row_itself():
    values = torch.tensor([1.0, 2.0, 6.0, 4.0, 8.0, 5.0])
    # (2 + 6) / 2, (1 + 6) / 2, (1 + 2) / 2; the other of the pair; nobody
    assert torch.allclose(n.leave_one_out_mean(values, INDEX), torch.tensor([4.0, 3.5, 1.5, 8.0, 4.0, 0.0]))


def test_rounding_is_no_spread_at_any_scale():
    for scale in (1e-6, 1.0, 1e6):
        noisy = torch.tensor([0.3, 0.1 + 0.2, 0.3 * (1 + 2e-7)]) * scale
        assert not n.has_spread(noisy)
        assert n.center(noisy).tolist() == [0.0, 0.0, 0.0]
        assert n.normalize(noisy, torch.ones(3)).tolist() == [0.0, 0.0, 0.0]
        assert n.group_center(noisy, torch.zeros(3, dtype=torch.long)).tolist() == [0.0, 0.0, 0.0]


def test_a_real_spread_is_kept_at_any_scale():
    for scale in (1e-6, 1.0, 1e6):
        values = torch.tensor([0.3, 0.31, 0.32]) * scale
        assert n.has_spread(values)
        assert torch.allclose(n.normalize(values, torch.ones(3)), torch.tensor([-1.0, 0.0, 1.0]), atol=1e-3)


def test_one_group_without_spread_leaves_the_others_alone():
    values = torch.tensor([0.7, 0.7, 0.7, 1.0, 0.0, 2.0])
    assert n.group_has_spread(values, INDEX).tolist() == [False, False, False, True, True, False]
    assert n.group_center(values, INDEX).tolist() == [0.0, 0.0, 0.0, 0.5, -0.5, 0.0]


def test_fewer_than_two_values_have_no_spread():
    assert not n.has_spread(torch.tensor([1.0]))
    assert not n.has_spread(torch.tensor([]))
    assert n.group_mean(torch.tensor([]), torch.tensor([], dtype=torch.long)).shape == (0,)


@given(st.lists(st.tuples(st.integers(0, 3), st.floats(-10, 10, width=32)), min_size=1, max_size=12))
def test_centered_groups_have_mean_zero(rows: list[tuple[int, float]]):
    rows.sort()
    index = torch.tensor([group for group, _ in rows])
    centered = n.group_center(torch.tensor([value for _, value in rows]), index)
    assert n.group_mean(centered, index).abs().max() < 1e-5
    assert n.center(centered).mean().abs() < 1e-5


@pytest.mark.parametrize("scale", [1e-20, 1e-40])
def test_vanishing_differences_are_no_spread(scale):
    """As penalties of next to nothing on rewards of 0: their squares underflow, and 0 / 0 would follow."""
    values = scale * torch.tensor([0.0, 1.0, 3.0, 0.0])
    groups = torch.tensor([0, 0, 0, 0])
    assert not n.has_spread(values)
    assert not n.group_has_spread(values, groups).any()
    assert not n.group_center(values, groups).any()
    assert not n.normalize(values, torch.ones(4)).any()
