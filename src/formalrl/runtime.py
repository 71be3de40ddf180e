"""Devices and ranks: accelerate in one place. Nothing else in formalrl imports it.

Every rank holds the whole policy and, after `gather`, the whole batch of a step. Losses are weighted by weights that
are normalized over all ranks, so gradients are *summed* over ranks, once per update, in one flat all-reduce. No
collective stands inside a loop over micro-batches: ranks may have different numbers of them.
"""

import atexit
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Literal

import torch
from accelerate import Accelerator
from accelerate.utils import broadcast_object_list, gather_object
from torch import Tensor, nn


@dataclass(frozen=True)
class Runtime:
    """Where this process runs and what it shares with the others. Make one with `Runtime.start`."""

    accelerator: Accelerator

    @classmethod
    def start(cls, mixed_precision: Literal["no", "bf16"] = "no") -> "Runtime":
        """Join the process group that `accelerate launch` made, until the process ends, or run alone."""
        atexit.unregister(_leave)
        atexit.register(_leave)
        return cls(Accelerator(mixed_precision=mixed_precision, cpu=not torch.cuda.is_available()))

    @property
    def device(self) -> torch.device:
        """The device of this rank."""
        return self.accelerator.device

    @property
    def rank(self) -> int:
        """0 ... num_ranks - 1."""
        return self.accelerator.process_index

    @property
    def num_ranks(self) -> int:
        """How many processes train together."""
        return self.accelerator.num_processes

    @property
    def num_local_ranks(self) -> int:
        """How many of them run on this machine."""
        return int(os.environ.get("LOCAL_WORLD_SIZE", self.num_ranks))

    @property
    def is_main(self) -> bool:
        """True on the one rank that writes files."""
        return self.accelerator.is_main_process

    def share(self, count: int) -> range:
        """Return the consecutive part of `range(count)` that this rank works on; parts differ by one at most."""
        start = count * self.rank // self.num_ranks
        return range(start, count * (self.rank + 1) // self.num_ranks)

    def gather(self, items: Sequence[Any]) -> list[Any]:
        """Return the items of all ranks in rank order, on every rank. Items must be picklable and on the CPU."""
        return list(items) if self.num_ranks == 1 else gather_object(list(items))

    def from_main(self, item: Any) -> Any:
        """Return the main rank's item on every rank."""
        if self.num_ranks == 1:
            return item
        box = [item]
        broadcast_object_list(box)
        return box[0]

    def sum(self, tensor: Tensor) -> Tensor:
        """Return the sum over ranks; the same shape must come from every rank."""
        if self.num_ranks == 1:
            return tensor
        total = self.accelerator.reduce(tensor, reduction="sum")
        assert isinstance(total, Tensor), "a tensor is reduced to a tensor"
        return total

    def sum_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        """Add up the gradients of all ranks in place; a parameter without a gradient counts as zero."""
        if self.num_ranks == 1:
            return
        trained = [p for p in parameters if p.requires_grad]
        flat = torch.cat([(p.grad if p.grad is not None else torch.zeros_like(p)).flatten() for p in trained])
        flat = self.sum(flat)
        for parameter, gradient in zip(trained, flat.split([p.numel() for p in trained]), strict=True):
            parameter.grad = gradient.view_as(parameter)

    def broadcast_parameters(self, module: nn.Module) -> None:
        """Give every rank the main rank's parameters and buffers."""
        if self.num_ranks == 1:
            return
        for tensor in _tensors(module):
            torch.distributed.broadcast(tensor.data, src=0)

    def autocast(self) -> AbstractContextManager[None]:
        """Context in which forward passes use the mixed precision of the run."""
        return self.accelerator.autocast()

    def barrier(self) -> None:
        """Wait for all ranks."""
        self.accelerator.wait_for_everyone()


def _leave() -> None:
    """Leave the process group, whose threads abort an interpreter that ends while they run."""
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()


def _tensors(module: nn.Module) -> Iterator[Tensor]:
    yield from module.parameters()
    yield from module.buffers()
