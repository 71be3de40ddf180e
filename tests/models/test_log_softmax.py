"""The joined function and its gradient are those of the plain operations."""

import pytest
import torch

from formalrl.models.log_softmax import log_softmax_and_chosen
from formalrl.ops.logprobs import log_probabilities

ALLOWED = torch.tensor([True, True, False, True, True])
PER_ROW = torch.tensor([[True, True, False, True, True], [False, True, True, True, False], [True] * 5])
ROWS = torch.tensor([2, 0, 0, 1])
TOKENS = torch.tensor([4, 1, 1, 3])


@pytest.mark.parametrize("allowed", [None, ALLOWED, PER_ROW])
@pytest.mark.parametrize("used", ["both", "all", "chosen"])
def test_values_and_gradients_agree_with_the_plain_operations(allowed, used):
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(3, 5, generator=generator).requires_grad_()
    weights, more = torch.randn(3, 5, generator=generator), torch.randn(4, generator=generator)

    def loss(logp, chosen):
        probabilities = (logp.exp() * weights).sum()
        of_chosen = (chosen * more).sum()
        return {"both": probabilities + of_chosen, "all": probabilities, "chosen": of_chosen}[used]

    logp, chosen = log_softmax_and_chosen(logits, 0.7, allowed, ROWS, TOKENS)
    expected = log_probabilities(logits, 0.7, allowed)
    torch.testing.assert_close(logp, expected)
    torch.testing.assert_close(chosen, expected[ROWS, TOKENS])
    found = torch.autograd.grad(loss(logp, chosen), logits)[0]
    wanted = torch.autograd.grad(loss(expected, expected[ROWS, TOKENS]), logits)[0]
    torch.testing.assert_close(found, wanted)


def test_half_precision_logits_give_float32_and_take_their_own_gradient():
    logits = torch.randn(3, 5, generator=torch.Generator().manual_seed(0)).bfloat16().requires_grad_()
    logp, chosen = log_softmax_and_chosen(logits, 1.0, None, None, torch.tensor([0, 1, 2]))
    assert logp.dtype == chosen.dtype == torch.float32
    chosen.sum().backward()
    assert logits.grad.dtype == torch.bfloat16


def test_logits_are_left_as_they_were():
    logits = torch.randn(3, 5)
    before = logits.clone()
    log_softmax_and_chosen(logits, 1.0, ALLOWED, None, torch.tensor([0, 1, 3]))
    assert logits.equal(before)
