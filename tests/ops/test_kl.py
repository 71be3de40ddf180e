import math

import pytest
import torch

from formalrl.ops.kl import exact_kl, k1, k2, k3, sequence_kl


def test_estimators_by_hand():
    logprobs, ref = torch.tensor([[-1.0]]), torch.tensor([[-1.5]])  # d = 0.5
    assert k1(logprobs, ref).item() == pytest.approx(0.5)
    assert k2(logprobs, ref).item() == pytest.approx(0.125)
    assert k3(logprobs, ref).item() == pytest.approx(math.exp(-0.5) - 1 + 0.5)


def test_k1_and_k3_average_to_the_exact_kl_under_the_policy():
    p, q = torch.tensor([0.7, 0.2, 0.1]), torch.tensor([0.3, 0.3, 0.4])
    exact = exact_kl(p.log(), q.log())
    assert exact.item() == pytest.approx(0.7 * math.log(7 / 3) + 0.2 * math.log(2 / 3) + 0.1 * math.log(1 / 4))
    assert (p * k1(p.log(), q.log())).sum().item() == pytest.approx(exact.item())
    assert (p * k3(p.log(), q.log())).sum().item() == pytest.approx(exact.item())


def test_the_gradient_of_k2_averages_to_that_of_the_exact_kl():
    logits = torch.tensor([0.5, -0.3, 1.0], requires_grad=True)
    q = torch.tensor([0.3, 0.3, 0.4]).log()
    (wanted,) = torch.autograd.grad(exact_kl(torch.log_softmax(logits, -1), q), logits)
    logp = torch.log_softmax(logits, -1)
    (found,) = torch.autograd.grad((logp.detach().exp() * k2(logp, q)).sum(), logits)
    assert torch.allclose(found, wanted, atol=1e-6)


def test_tokens_forbidden_in_both_add_nothing_to_value_and_gradient():
    logits = torch.tensor([0.5, -0.3, 1.0], requires_grad=True)
    forbidden = torch.tensor([False, False, True])
    ref = torch.log(torch.tensor([0.5, 0.5, 0.0]))
    value = exact_kl(torch.log_softmax(logits.masked_fill(forbidden, -math.inf), -1), ref)
    value.backward()
    p = torch.softmax(torch.tensor([0.5, -0.3]), -1)
    assert value.item() == pytest.approx((p * (p.log() - math.log(0.5))).sum().item(), abs=1e-6)
    assert torch.isfinite(logits.grad).all()
    assert logits.grad[2] == 0


def test_k3_is_never_negative_and_never_overflows():
    differences = torch.tensor([-1e4, -30.0, -1e-4, 0.0, 1e-4, 30.0, 1e4])
    values = k3(torch.zeros(7), differences)
    assert torch.isfinite(values).all()
    assert (values >= 0).sum() >= 6  # at +1e4 the exponent is cut, and stays positive
    assert values[-1] > 0


def test_sequence_kl_sums_the_tokens_of_each_completion():
    logprobs, ref = torch.tensor([[-1.0, -1.0], [-2.0, -math.inf]]), torch.tensor([[-1.5, -0.9], [-1.0, 0.0]])
    kl = sequence_kl(logprobs, ref, torch.tensor([[1.0, 1.0], [1.0, 0.0]]))
    assert torch.allclose(kl, torch.tensor([0.4, -1.0]))
