"""What an update must know of all its rows before it is cut into micro-batches: which tokens it learns from."""

import numpy as np
import torch
from torch import Tensor

from formalrl.batch import Batch
from formalrl.ops.covariance import covariances, share_above
from formalrl.ops.fields import required
from formalrl.ops.token_choice import highest_entropy, without_high_covariance
from formalrl.training.engine import Engine

_CLIP_COV_STREAM = 5


def choose_tokens(engine: Engine, minibatch: Batch, key: tuple[int, int, int]) -> Batch:
    """Return the rows of one update (of all ranks) with the policy loss on the chosen tokens only.

    Other weights stay as they were, so that fewer tokens mean a smaller gradient, as in the methods' papers. Fills
    `covariance_share` where a regularizer reads it. `key` is (step, pass, number of the update in it).
    """
    config = engine.config.exploration
    if config.top_entropy < 1:
        entropies = required(minibatch.old_entropies, "old_entropies")
        minibatch = _only(minibatch, highest_entropy(entropies, minibatch.mask, config.top_entropy))
    needed = any(getattr(part, "needs_covariance", False) for part in engine.active_regularizers.values())
    if not needed and config.clip_cov == 0:
        return minibatch
    advantages = required(minibatch.advantages, "advantages")
    found = covariances(advantages, minibatch.old_logprobs, minibatch.mask)
    if config.clip_cov > 0:
        bounds = config.clip_cov_low, config.clip_cov_high
        generator = np.random.default_rng([engine.config.seed, _CLIP_COV_STREAM, *key])
        noise = torch.from_numpy(generator.random(found.shape))
        minibatch = _only(minibatch, without_high_covariance(found, minibatch.mask, config.clip_cov, bounds, noise))
    return minibatch.replace(covariance_share=share_above(found, minibatch.mask)) if needed else minibatch


def _only(minibatch: Batch, chosen: Tensor) -> Batch:
    return minibatch.replace(loss_weights=required(minibatch.loss_weights, "loss_weights") * chosen)


def choice_metrics(engine: Engine, minibatch: Batch) -> dict[str, float]:
    """Return `policy/chosen_fraction`, the share of the update's tokens with a policy loss; empty with no choice."""
    if not engine.config.exploration.enabled:
        return {}
    chosen = (required(minibatch.loss_weights, "loss_weights") > 0).sum()
    return {"policy/chosen_fraction": float(chosen / minibatch.mask.sum().clamp(min=1.0))}
