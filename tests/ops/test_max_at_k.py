"""max@k by hand and against all subsets."""

import itertools

import pytest
import torch

from formalrl.ops.max_at_k import max_at_k, max_at_k_rewards


def test_by_hand():
    # rewards 1, 3, 2 and k = 2: the best of {1,3}, {1,2}, {3,2} are 3, 2, 3
    rewards = torch.tensor([[1.0, 3.0, 2.0]])
    assert max_at_k(rewards, 2).item() == pytest.approx(8 / 3)
    # each is in two subsets: 1 in 3 + 2, 3 in 3 + 3, 2 in 2 + 3; divided by C(3, 2) = 3
    assert max_at_k_rewards(rewards, 2).tolist() == [pytest.approx([5 / 3, 6 / 3, 5 / 3])]


@pytest.mark.parametrize("k", [1, 2, 3, 5])
def test_agrees_with_all_subsets(k):
    rewards = torch.rand(3, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    rewards[1, 2] = rewards[1, 4]  # a tie
    for row, value, parts in zip(rewards, max_at_k(rewards, k), max_at_k_rewards(rewards, k), strict=True):
        subsets = list(itertools.combinations(range(5), k))
        assert value.item() == pytest.approx(sum(float(row[list(s)].max()) for s in subsets) / len(subsets))
        for i, part in enumerate(parts.tolist()):
            expected = sum(float(row[list(s)].max()) for s in subsets if i in s) / len(subsets)
            assert part == pytest.approx(expected)


def test_one_is_the_mean_and_the_rewards():
    rewards = torch.tensor([[0.2, 0.9, 0.4]])
    assert max_at_k(rewards, 1).item() == pytest.approx(0.5)
    assert (max_at_k_rewards(rewards, 1) * 3).tolist() == [pytest.approx([0.2, 0.9, 0.4])]
