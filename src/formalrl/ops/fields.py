"""Optional tensors that must be there."""

from torch import Tensor


def required(value: Tensor | None, name: str) -> Tensor:
    """Return `value`, narrowed to a tensor.

    Raises:
        ValueError: `value` is None.
    """
    if value is None:
        raise ValueError(f"{name} is None, but this part computes with it: fill it before the call.")
    return value
