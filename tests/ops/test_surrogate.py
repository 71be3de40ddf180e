import math

import torch

from formalrl.ops.surrogate import clipped_policy_loss, clipped_value_loss, is_clipped, log_ratio

RATIOS = torch.tensor([[1.0, 1.5, 0.5, 1.5, 0.5, 1.25]])
ADVANTAGES = torch.tensor([[2.0, 1.0, 1.0, -1.0, -1.0, 1.0]])


def test_policy_loss_by_hand():
    loss = clipped_policy_loss(RATIOS.log(), ADVANTAGES, 0.2, 0.2)
    # -1 * 2; -min(1.5, 1.2); -min(0.5, 0.8); -min(-1.5, -1.2); -min(-0.5, -0.8); -min(1.25, 1.2)
    assert torch.allclose(loss, torch.tensor([[-2.0, -1.2, -0.5, 1.5, 0.8, -1.2]]))


def test_an_upper_bound_of_its_own_moves_only_the_upper_bound():
    loss = clipped_policy_loss(RATIOS.log(), ADVANTAGES, 0.2, 0.28)
    assert torch.allclose(loss, torch.tensor([[-2.0, -1.28, -0.5, 1.5, 0.8, -1.25]]))


def test_clipped_tokens_are_exactly_those_without_gradient():
    log_ratios = RATIOS.log().requires_grad_()
    clipped_policy_loss(log_ratios, ADVANTAGES, 0.2, 0.28).sum().backward()
    clipped = is_clipped(log_ratios.detach(), ADVANTAGES, 0.2, 0.28)
    assert clipped.tolist() == [[0, 1, 0, 0, 1, 0]]
    assert torch.equal(log_ratios.grad == 0, clipped == 1)


def test_extreme_ratios_do_not_overflow():
    logprobs = torch.tensor([[0.0, -1e4]], requires_grad=True)
    ratios = log_ratio(logprobs, torch.tensor([[-1e4, 0.0]]), torch.ones(1, 2))
    loss = clipped_policy_loss(ratios, torch.tensor([[-1.0, 1.0]]), 0.2, 0.2)
    loss.sum().backward()
    assert torch.isfinite(loss).all()
    assert torch.isfinite(logprobs.grad).all()


def test_padding_has_ratio_one_whatever_it_holds():
    ratios = log_ratio(torch.tensor([[-1.0, -math.inf]]), torch.tensor([[-1.5, 0.0]]), torch.tensor([[1.0, 0.0]]))
    assert torch.allclose(ratios, torch.tensor([[0.5, 0.0]]))


def test_value_loss_by_hand():
    values, old, returns = torch.tensor([[1.0, 0.1]]), torch.tensor([[0.0, 0.0]]), torch.tensor([[1.0, 1.0]])
    # moved to 1.0, clipped at 0.2: max(0, 0.64) / 2; moved to 0.1, inside: 0.81 / 2
    assert torch.allclose(clipped_value_loss(values, old, returns, 0.2), torch.tensor([[0.32, 0.405]]))
    assert torch.allclose(clipped_value_loss(values, old, returns, None), torch.tensor([[0.0, 0.405]]))
