import math

import torch

from formalrl.ops.entropies import token_entropy


def test_entropy_by_hand():
    logp_all = torch.log(torch.tensor([[0.5, 0.5, 0.0], [1.0, 0.0, 0.0], [0.25, 0.25, 0.5]]))
    # ln 2; 0; 0.5 ln 4 + 0.5 ln 2 = 1.5 ln 2
    assert torch.allclose(token_entropy(logp_all), torch.tensor([1.0, 0.0, 1.5]) * math.log(2), atol=1e-6)


def test_gradient_agrees_with_finite_differences():
    torch.manual_seed(0)
    logits = torch.randn(2, 3, 5, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: token_entropy(torch.log_softmax(x, -1)), logits)


def test_gradient_of_the_log_probabilities_by_hand():
    logp_all = torch.log(torch.tensor([0.5, 0.25, 0.25])).requires_grad_()
    token_entropy(logp_all).backward()
    # -p (ln p + 1)
    wanted = torch.tensor([-0.5 * (1 - math.log(2)), *[-0.25 * (1 - math.log(4))] * 2])
    assert torch.allclose(logp_all.grad, wanted, atol=1e-6)


def test_forbidden_tokens_leave_value_and_gradient_finite():
    logits = torch.tensor([[0.3, -1.0, 2.0]], requires_grad=True)
    masked = logits.masked_fill(torch.tensor([False, False, True]), -math.inf)
    token_entropy(torch.log_softmax(masked, -1)).sum().backward()
    short = logits.detach()[:, :2].requires_grad_()
    token_entropy(torch.log_softmax(short, -1)).sum().backward()
    assert torch.allclose(logits.grad, torch.nn.functional.pad(short.grad, (0, 1)))


def test_a_row_without_any_token_has_entropy_zero():
    assert token_entropy(torch.full((2, 4), -math.inf)).tolist() == [0.0, 0.0]
