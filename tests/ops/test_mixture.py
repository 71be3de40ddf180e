"""Mixtures of prompts, token by token."""

import math

import pytest
import torch

from formalrl.ops.mixture import mixture_logprobs


def test_by_hand():
    # two prompts: 1/2 then 1/2, and 1/4 then 1; the mixture of the first tokens is 3/8, of both (1/4 + 1/4) / 2 = 1/4
    logprobs = torch.tensor([[[0.5, 0.5, 0.1]], [[0.25, 1.0, 0.9]]]).log()
    found = mixture_logprobs(logprobs, torch.tensor([[1.0, 1.0, 0.0]]))
    assert found.exp().tolist() == [[pytest.approx(3 / 8), pytest.approx(2 / 3), 1.0]]


def test_one_prompt_or_equal_ones_mix_to_themselves():
    logprobs = -torch.rand(1, 3, 4)
    mask = torch.ones(3, 4)
    assert torch.allclose(mixture_logprobs(logprobs, mask), logprobs[0], atol=1e-6)
    assert torch.allclose(mixture_logprobs(logprobs.expand(3, 3, 4), mask), logprobs[0], atol=1e-6)


def test_the_information_is_bounded_by_the_number_of_prompts():
    logprobs = torch.stack([torch.zeros(1, 5), torch.full((1, 5), -50.0), torch.full((1, 5), -50.0)])
    assert -mixture_logprobs(logprobs, torch.ones(1, 5)).sum().item() == pytest.approx(math.log(3))
