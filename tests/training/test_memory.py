"""Micro-batches are halved until they fit."""

import pytest
import torch

from formalrl.errors import ModelError
from formalrl.training.memory import halving_on_out_of_memory


def test_the_size_is_halved_until_it_fits():
    tried = []

    def work(size):
        tried.append(size)
        if size > 3:
            raise torch.OutOfMemoryError("full")
        return "done"

    assert halving_on_out_of_memory(work, 20) == ("done", 2)
    assert tried == [20, 10, 5, 2]


def test_one_rollout_that_does_not_fit_is_an_error_that_says_what_to_do():
    def work(size):
        raise torch.OutOfMemoryError("full")

    with pytest.raises(ModelError, match="max_completion_length"):
        halving_on_out_of_memory(work, 4)
