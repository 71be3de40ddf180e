"""Ranks: shares cover everything once, and one process needs no communication. Two processes: tests/invariants."""

import subprocess
import sys
from types import SimpleNamespace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from formalrl.runtime import Runtime


def runtime(rank=0, ranks=1, **more):
    return Runtime(SimpleNamespace(process_index=rank, num_processes=ranks, is_main_process=rank == 0, **more))


@given(st.integers(0, 40), st.integers(1, 9))
def test_shares_cover_everything_once_and_differ_by_one_at_most(count, ranks):
    shares = [runtime(rank, ranks).share(count) for rank in range(ranks)]
    assert [i for share in shares for i in share] == list(range(count))
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


def test_alone_everything_stays_as_it_is():
    alone = runtime()
    layer = nn.Linear(2, 1)
    layer(torch.ones(1, 2)).sum().backward()
    before = layer.weight.grad.clone()
    alone.sum_gradients(layer.parameters())
    alone.broadcast_parameters(layer)
    assert layer.weight.grad.equal(before)
    assert alone.gather([1, 2]) == [1, 2]
    assert alone.from_main("x") == "x"
    assert alone.sum(torch.ones(2)).tolist() == [1.0, 1.0]


def test_gradients_of_ranks_are_summed_not_averaged():
    """The other rank is played by `reduce`: it adds twice this rank's gradient."""
    two = runtime(ranks=2, reduce=lambda tensor, reduction: 3 * tensor if reduction == "sum" else pytest.fail())
    layer, frozen = nn.Linear(2, 1), nn.Linear(1, 1)
    frozen.requires_grad_(False)
    layer(torch.tensor([[1.0, 2.0]])).sum().backward()
    two.sum_gradients([*layer.parameters(), *frozen.parameters()])
    assert layer.weight.grad.tolist() == [[3.0, 6.0]]
    assert layer.bias.grad.tolist() == [3.0]
    assert frozen.weight.grad is None


def test_a_parameter_without_gradient_counts_as_zero():
    """A rank without rows takes part in the sum all the same."""
    two = runtime(ranks=2, reduce=lambda tensor, reduction: tensor + 1.0)
    layer = nn.Linear(2, 1)
    two.sum_gradients(layer.parameters())
    assert layer.weight.grad.tolist() == [[1.0, 1.0]]


def test_a_process_of_its_own_starts_alone():
    alone = Runtime.start()
    assert (alone.rank, alone.num_ranks, alone.is_main) == (0, 1, True)
    assert alone.device.type == ("cuda" if torch.cuda.is_available() else "cpu")
    with alone.autocast():
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == torch.float32
    alone.barrier()


def test_the_process_group_is_left_before_the_interpreter_ends():
    script = (
        "import atexit, torch.distributed as d\n"
        "atexit.register(lambda: print('still in a group:', d.is_initialized()))\n"
        "d.init_process_group('gloo', rank=0, world_size=1, store=d.HashStore())\n"
        "from formalrl.runtime import Runtime\n"
        "Runtime.start(), Runtime.start()\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=200)
    assert done.stdout.strip() == "still in a group: False", done.stderr[-2000:]
