import math

import pytest
import torch

from formalrl.ops.logprobs import MAX_SURPRISE, chosen_logprobs, log_probabilities, perplexity


def test_temperature_divides_the_logits():
    logits = torch.tensor([0.0, math.log(4.0)])
    # at temperature 2 the odds are sqrt(4) = 2
    assert torch.allclose(log_probabilities(logits, 2.0).exp(), torch.tensor([1 / 3, 2 / 3]), atol=1e-6)


def test_forbidden_tokens_have_no_probability_and_the_rest_is_renormalized():
    logits = torch.tensor([[1.0, 1.0, 9.0]], requires_grad=True)
    logp = log_probabilities(logits, allowed=torch.tensor([True, True, False]))
    assert torch.allclose(logp.exp(), torch.tensor([[0.5, 0.5, 0.0]]))
    logp[0, 0].backward()
    assert torch.allclose(logits.grad, torch.tensor([[0.5, -0.5, 0.0]]))


def test_half_precision_logits_are_scored_in_float32():
    assert log_probabilities(torch.zeros(3, dtype=torch.bfloat16)).dtype == torch.float32


def test_each_position_reads_its_own_token_and_padding_reads_zero():
    logp_all = torch.log(torch.tensor([[[0.1, 0.9], [0.3, 0.7], [1.0, 0.0]]]))
    chosen = chosen_logprobs(logp_all, torch.tensor([[1, 0, 1]]), torch.tensor([[1.0, 1.0, 0.0]]))
    assert torch.allclose(chosen.exp(), torch.tensor([[0.9, 0.3, 1.0]]))


def test_a_forbidden_padding_token_has_no_gradient():
    logits = torch.zeros(1, 2, 2, requires_grad=True)
    logp_all = log_probabilities(logits, allowed=torch.tensor([True, False]))
    chosen_logprobs(logp_all, torch.tensor([[0, 1]]), torch.tensor([[1.0, 0.0]])).sum().backward()
    assert torch.isfinite(logits.grad).all()


def test_perplexity_is_the_inverse_of_the_geometric_mean_probability_of_the_unmasked_tokens():
    logprobs = torch.log(torch.tensor([[0.5, 0.25], [0.125, 0.9]]))
    mask = torch.tensor([[1.0, 1.0], [1.0, 0.0]])
    # (1/2 * 1/4 * 1/8) ** (-1/3) = 64 ** (1/3) = 4
    assert torch.allclose(perplexity(logprobs, mask), torch.tensor(4.0))


def test_perplexity_of_impossible_tokens_and_of_none_is_finite():
    impossible = torch.tensor([[-math.inf, 0.0]])
    assert perplexity(impossible, torch.ones(1, 2)) == pytest.approx(math.exp(MAX_SURPRISE), rel=1e-5)
    assert perplexity(impossible, torch.zeros(1, 2)) == 1.0
