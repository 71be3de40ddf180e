"""Kept sets survive packing; forbidden tokens are not allowed."""

import numpy as np
import torch

from formalrl.models.distribution import allowed_tokens, pack_bits, unpack_bits


def test_packing_is_numpys_and_unpacking_undoes_it():
    kept = torch.rand(3, 4, 13, generator=torch.Generator().manual_seed(0)) < 0.5
    packed = pack_bits(kept)
    assert packed.shape == (3, 4, 2)
    assert (packed.numpy() == np.packbits(kept.numpy(), axis=-1, bitorder="little")).all()
    assert (unpack_bits(packed, 13) == kept).all()


def test_forbidden_tokens_are_not_allowed():
    assert allowed_tokens((1, 3), 5, "cpu").tolist() == [True, False, True, False, True]
    assert allowed_tokens((), 5, "cpu") is None
