import math
from typing import Any

import pytest
import torch

from formalrl.batch import PolicyOutput, UpdateContext
from formalrl.errors import ConfigError
from formalrl.ops.mean_policy import add_rows, mean_logp, no_rows
from formalrl.regularizers.batch_entropy import BatchEntropy


def loss_of(part: BatchEntropy, probabilities: list[list[float]], rollouts: Any) -> float:
    """Return the loss of one-token completions with these distributions."""
    logp_all = torch.log(torch.tensor(probabilities)).unsqueeze(1)
    rows = len(probabilities)
    batch = rollouts.batch.select(torch.arange(rows)).replace(token_weights=torch.full((rows, 1), 1 / rows))
    mean = mean_logp(add_rows(no_rows(1, logp_all.shape[-1]), logp_all, torch.ones(rows, 1)))
    context = UpdateContext(part.coef, mean, num_permitted=logp_all.shape[-1])
    return part.term(PolicyOutput(torch.zeros(rows, 1), logp_all), batch, context).loss.item()


def test_certain_but_different_is_as_good_as_uniform(rollouts: Any):
    part = BatchEntropy(coef=0.3)
    assert loss_of(part, [[1.0, 0.0], [0.0, 1.0]], rollouts) == pytest.approx(-0.3 * math.log(2), abs=1e-6)
    assert loss_of(part, [[0.5, 0.5], [0.5, 0.5]], rollouts) == pytest.approx(-0.3 * math.log(2), abs=1e-6)
    assert loss_of(part, [[1.0, 0.0], [1.0, 0.0]], rollouts) == pytest.approx(0.0, abs=1e-6)


def test_the_log_barrier_by_hand(rollouts: Any):
    part = BatchEntropy(coef=0.3, form="log_barrier")
    # means 0.6, 0.4: -(ln 0.6 + ln 0.4) / 2
    assert loss_of(part, [[0.8, 0.2], [0.4, 0.6]], rollouts) == pytest.approx(0.3 * 0.713558, abs=1e-5)


def test_the_log_barrier_grows_as_an_action_dies_out(rollouts: Any):
    part = BatchEntropy(coef=1.0, form="log_barrier")
    losses = [loss_of(part, [[1 - p, p], [1 - p, p]], rollouts) for p in (0.5, 1e-3, 1e-6)]
    assert losses == sorted(losses)
    assert losses[-1] > 6


def test_an_unknown_form_is_refused():
    with pytest.raises(ConfigError, match="form is 'renyi'"):
        BatchEntropy(form="renyi")  # pyright: ignore[reportArgumentType]
