import math
from typing import Any

import pytest
import torch

from formalrl.batch import PolicyOutput, UpdateContext
from formalrl.ops.mean_policy import add_rows, mean_logp, no_rows
from formalrl.regularizers.batch_entropy import BatchEntropy
from formalrl.regularizers.entropy import Entropy
from formalrl.regularizers.mutual_information import MutualInformation


def information(probabilities: list[list[float]], rollouts: Any) -> float:
    """Return minus the loss at coefficient 1 of one-token completions with these distributions."""
    logp_all = torch.log(torch.tensor(probabilities)).unsqueeze(1)
    rows = len(probabilities)
    batch = rollouts.batch.select(torch.arange(rows)).replace(token_weights=torch.full((rows, 1), 1 / rows))
    mean = mean_logp(add_rows(no_rows(1, logp_all.shape[-1]), logp_all, torch.ones(rows, 1)))
    output = PolicyOutput(torch.zeros(rows, 1), logp_all)
    return -MutualInformation(coef=1.0).term(output, batch, UpdateContext(1.0, mean)).loss.item()


def test_only_a_policy_that_depends_on_its_state_has_information(rollouts: Any):
    assert information([[1.0, 0.0], [0.0, 1.0]], rollouts) == pytest.approx(math.log(2), abs=1e-6)
    assert information([[0.5, 0.5], [0.5, 0.5]], rollouts) == pytest.approx(0.0, abs=1e-6)
    assert information([[1.0, 0.0], [1.0, 0.0]], rollouts) == pytest.approx(0.0, abs=1e-6)


def test_it_is_batch_entropy_with_as_much_negative_entropy(rollouts: Any):
    batch, output = rollouts.batch, rollouts.output()
    mean = mean_logp(add_rows(no_rows(4, 6), output.logp_all, batch.mask))
    both = BatchEntropy().term(output, batch, UpdateContext(0.3, mean)).loss
    both = both + Entropy().term(output, batch, UpdateContext(-0.3)).loss
    found = MutualInformation().term(output, batch, UpdateContext(0.3, mean)).loss
    assert found.item() == pytest.approx(both.item(), abs=1e-6)
    one, other = (torch.autograd.grad(x, rollouts.logits, retain_graph=True)[0] for x in (both, found))
    assert torch.allclose(one, other, atol=1e-7)
