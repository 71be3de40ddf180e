"""Packed attention is the attention of each text by itself; grids put tokens where they belong."""

import itertools

import torch
from torch.nn import functional as F

from formalrl.models.prefix import Grid, PrefixLayout

torch.set_num_threads(1)


def test_grid_pads_on_the_right_and_collects_what_it_spread():
    tokens = torch.arange(1.0, 7.0).view(6, 1, 1)
    grid = Grid.of_lengths(torch.tensor([3, 1, 2]))
    assert grid.spread(tokens, 0.0).view(3, 3).tolist() == [[1, 2, 3], [4, 0, 0], [5, 6, 0]]
    assert grid.collect(grid.spread(tokens)).equal(tokens)


def test_grid_without_padding_copies_nothing():
    tokens = torch.arange(6.0).view(6, 1, 1)
    grid = Grid.of_lengths(torch.tensor([3, 3]))
    assert grid.source is None
    assert grid.spread(tokens).data_ptr() == tokens.data_ptr()
    assert grid.collect(grid.spread(tokens)).equal(tokens)


def test_packed_attention_is_the_attention_of_each_text():
    prompts, groups, completions = [3, 5], [2, 1], [2, 4, 3]
    generator = torch.Generator().manual_seed(0)
    total = sum(prompts) + sum(completions)
    query = torch.randn(1, 4, total, 8, generator=generator, dtype=torch.float64, requires_grad=True)
    key, value = (
        torch.randn(1, 2, total, 8, generator=generator, dtype=torch.float64, requires_grad=True) for _ in range(2)
    )
    tokens_a_group = torch.tensor([sum(completions[:2]), completions[2]])
    layout = PrefixLayout.of_lengths(torch.tensor(prompts), tokens_a_group, torch.tensor(completions))
    output = layout.attend(None, query, key, value, 0.3)  # [1, N, H, D]
    starts = torch.tensor([0, *prompts, *completions]).cumsum(0).tolist()
    spans = [list(range(a, b)) for a, b in itertools.pairwise(starts)]
    expected = torch.zeros_like(output)
    index = torch.arange(2).repeat_interleave(torch.tensor(groups)).tolist()
    for prompt, completion in [(0, []), (1, []), *((spans[p], spans[2 + row]) for row, p in enumerate(index))]:
        places = spans[prompt] if completion == [] else prompt + completion
        q, k, v = (x[:, :, places] for x in (query, key, value))
        said = F.scaled_dot_product_attention(q, k, v, is_causal=True, scale=0.3, enable_gqa=True)
        new = places if completion == [] else completion
        expected[:, new] = said.transpose(1, 2)[:, -len(new) :]
    torch.testing.assert_close(output, expected)
    grad = torch.randn(output.shape, generator=generator, dtype=torch.float64)
    found = torch.autograd.grad(output, (query, key, value), grad)
    wanted = torch.autograd.grad(expected, (query, key, value), grad)
    for one, two in zip(found, wanted, strict=True):
        torch.testing.assert_close(one, two)
