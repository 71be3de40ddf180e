"""max@k by hand and against all subsets."""

import itertools
import math

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


@pytest.mark.parametrize(("n", "c", "k"), [(8, 3, 4), (8, 1, 2), (5, 4, 3), (6, 2, 6), (4, 0, 2)])
def test_rewards_of_zero_and_one_give_the_published_formulas_of_pass_at_k(n, c, k):
    rewards = torch.tensor([[1.0] * c + [0.0] * (n - c)], dtype=torch.float64)
    found = max_at_k_rewards(rewards, k)[0]
    # arXiv 2505.15201: k / n for a right one, (k / n) pass@(k - 1) of the others for a wrong one
    others = 1 - math.comb(n - 1 - c, k - 1) / math.comb(n - 1, k - 1)
    assert found.tolist() == [pytest.approx(k / n)] * c + [pytest.approx(k / n * others)] * (n - c)
    # arXiv 2508.10751: 1 - R for a right one, 1 - R - C(n - c - 1, k - 1) / C(n - 1, k - 1) for a wrong one, R pass@k
    advantages = (found - found.mean()) * n / k
    passed = 1 - math.comb(n - c, k) / math.comb(n, k)
    assert advantages[:c].tolist() == [pytest.approx(1 - passed)] * c
    wrong = 1 - passed - math.comb(n - c - 1, k - 1) / math.comb(n - 1, k - 1)
    assert advantages[c:].tolist() == pytest.approx([wrong] * (n - c))
