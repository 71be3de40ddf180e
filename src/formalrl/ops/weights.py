"""Weights `[B, T]` of one optimizer update: every loss and every mean metric is `(x * weights).sum()`.

Each function takes the mask of the whole update, over all its micro-batches and ranks; slices of the result then add up
to the update, however it is cut.
"""

from torch import Tensor


def token_weights(mask: Tensor) -> Tensor:
    """Return uniform weights over the completion tokens, sum 1: `mask / sum(mask)`.

    As loss weights this is the token mean of DAPO. See arXiv 2503.14476, eq. 8.
    """
    return mask / mask.sum().clamp(min=1.0)


def sequence_weights(mask: Tensor) -> Tensor:
    """Return weights that average the tokens of a row, then the rows: `mask / |row| / rows`, sum 1.

    The mean of GRPO (arXiv 2402.03300, eq. 3). Rows without a token do not count as rows.
    """
    lengths = mask.sum(1, keepdim=True)  # [B, 1]
    rows = (lengths > 0).sum().clamp(min=1)
    return mask / lengths.clamp(min=1.0) / rows


def max_length_weights(mask: Tensor, max_completion_length: int) -> Tensor:
    """Return weights that do not depend on the lengths: `mask / (rows * max_completion_length)`, sum at most 1.

    The constant divisor of Dr. GRPO (arXiv 2503.20783, section 3.2). Rows without a token do not count as rows.
    """
    rows = (mask.sum(1) > 0).sum().clamp(min=1)
    return mask / (rows * max_completion_length)


def weighted_sum(values: Tensor, weights: Tensor) -> Tensor:
    """Return the scalar `(values * weights).sum()`; where the weight is 0 the value may be anything, infinite too."""
    return (values.masked_fill(weights == 0, 0.0) * weights).sum()
