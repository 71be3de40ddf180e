import pytest
import torch

from formalrl.ops.fields import required


def test_a_present_tensor_is_returned_as_it_is():
    tensor = torch.ones(2)
    assert required(tensor, "x") is tensor


def test_a_missing_tensor_is_named():
    with pytest.raises(ValueError, match="old_values is None"):
        required(None, "old_values")
