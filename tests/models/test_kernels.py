"""Blocks joined by their log-sum-exps are one attention; the portable kernel agrees with the CPU's."""

import math

import pytest
import torch

from formalrl.models import kernels
from formalrl.models.kernels import Block, attend, attend_backward, join

torch.set_num_threads(1)


def tensors(*lengths):
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(2, 3, length, 8, generator=generator) for length in lengths]


def reference(query, key, value, block):
    scores = query @ key.transpose(-1, -2) * block.scaling
    if block.key_mask is not None:
        scores = scores + block.key_mask
    if block.causal:
        scores = scores.masked_fill(torch.ones(scores.shape[-2:]).triu(1).bool(), -math.inf)
    return scores.softmax(-1) @ value, scores.logsumexp(-1)


BLOCKS = {
    "full": (Block(0.3), 5, 7),
    "causal": (Block(0.3, causal=True), 6, 6),
    "masked": (Block(0.3, key_mask=torch.tensor([[0.0] * 7, [0.0] * 4 + [-math.inf] * 3])[:, None, None]), 5, 7),
}


@pytest.fixture(params=["cpu", "portable"])
def kernel(request, monkeypatch):
    if request.param == "portable":
        monkeypatch.setattr(kernels, "_has_flash", lambda query: False)
        monkeypatch.setattr(kernels, "_QUERY_CHUNK", 2)


@pytest.mark.parametrize("name", BLOCKS)
def test_one_block_is_attention(kernel, name):
    block, queries, keys = BLOCKS[name]
    query, key, value = (x.requires_grad_() for x in tensors(queries, keys, keys))
    expected, expected_lse = reference(query, key, value, block)
    output, lse = attend(query.detach(), key.detach(), value.detach(), block)
    torch.testing.assert_close(output, expected)
    torch.testing.assert_close(lse, expected_lse)
    (grad,) = tensors(queries)
    wanted = torch.autograd.grad(expected, (query, key, value), grad)
    found = attend_backward(grad, query.detach(), key.detach(), value.detach(), output, lse, block)
    for one, two in zip(found, wanted, strict=True):
        torch.testing.assert_close(one, two, atol=1e-5, rtol=1e-5)


def test_joined_blocks_are_attention_over_all_keys(kernel):
    query, key, value, grad = tensors(5, 9, 9, 5)
    block = Block(0.4)
    whole = attend(query, key, value, block)
    output, lse = join(
        attend(query, key[:, :, :4], value[:, :, :4], block), attend(query, key[:, :, 4:], value[:, :, 4:], block)
    )
    torch.testing.assert_close(output, whole[0])
    torch.testing.assert_close(lse, whole[1])
    wanted = attend_backward(grad, query, key, value, *whole, block)
    parts = [
        attend_backward(grad, query, key[:, :, s], value[:, :, s], output, lse, block) for s in (slice(4), slice(4, 9))
    ]
    torch.testing.assert_close(parts[0][0] + parts[1][0], wanted[0], atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(torch.cat([parts[0][1], parts[1][1]], 2), wanted[1], atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(torch.cat([parts[0][2], parts[1][2]], 2), wanted[2], atol=1e-5, rtol=1e-5)
