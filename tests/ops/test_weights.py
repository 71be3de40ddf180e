import math

import torch

from formalrl.ops.weights import max_length_weights, sequence_weights, token_weights, weighted_sum

MASK = torch.tensor([[1.0, 1.0, 1.0], [1.0, 0.0, 0.0]])


def test_weights_by_hand():
    assert torch.allclose(token_weights(MASK), MASK / 4)  # four tokens
    assert torch.allclose(sequence_weights(MASK), torch.tensor([[1 / 6, 1 / 6, 1 / 6], [1 / 2, 0, 0]]))
    assert torch.allclose(max_length_weights(MASK, 5), MASK / 10)  # 2 rows * 5


def test_a_row_without_tokens_changes_no_weight():
    longer = torch.cat([MASK, torch.zeros(1, 3)])
    for weights in (token_weights, sequence_weights, lambda mask: max_length_weights(mask, 5)):
        assert torch.allclose(weights(longer)[:2], weights(MASK))
        assert not weights(longer)[2].any()


def test_an_empty_update_has_weights_of_zero():
    for weights in (token_weights, sequence_weights, lambda mask: max_length_weights(mask, 5)):
        assert not weights(torch.zeros(2, 3)).any()


def test_what_has_weight_zero_may_be_anything():
    values = torch.tensor([1.0, math.nan, math.inf], requires_grad=True)
    total = weighted_sum(values, torch.tensor([0.5, 0.0, 0.0]))
    total.backward()
    assert total.item() == 0.5
    assert values.grad.tolist() == [0.5, 0.0, 0.0]
