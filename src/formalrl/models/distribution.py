"""Which tokens a row may hold: forbidden ones, and kept sets as packed bits."""

from collections.abc import Sequence

import torch
from torch import Tensor


def allowed_tokens(forbidden: Sequence[int], vocab_size: int, device: torch.device | str) -> Tensor | None:
    """Return bool `[V]`, False on forbidden tokens; None when there are none."""
    if not forbidden:
        return None
    allowed = torch.ones(vocab_size, dtype=torch.bool, device=device)
    allowed[torch.tensor(forbidden, device=device)] = False
    return allowed


def pack_bits(kept: Tensor) -> Tensor:
    """Return bool `[..., V]` as uint8 `[..., ceil(V / 8)]`: token 8 i + j is bit j of byte i (numpy's "little")."""
    padded = torch.nn.functional.pad(kept.to(torch.uint8), (0, -kept.shape[-1] % 8))
    return (padded.unflatten(-1, (-1, 8)) << _places(kept.device)).sum(-1, dtype=torch.uint8)


def unpack_bits(packed: Tensor, vocab_size: int) -> Tensor:
    """Return bool `[..., V]` from `pack_bits`."""
    bits = (packed.unsqueeze(-1) >> _places(packed.device)) & 1
    return bits.flatten(-2)[..., :vocab_size].bool()


def _places(device: torch.device) -> Tensor:
    return torch.arange(8, dtype=torch.uint8, device=device)
