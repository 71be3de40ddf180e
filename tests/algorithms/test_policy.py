import math
from typing import Any

import pytest
import torch

from formalrl.algorithms._policy import check_groups, penalized_rewards, per_token, policy_term
from formalrl.batch import Batch, PolicyOutput
from formalrl.errors import ConfigError


def one_row() -> tuple[PolicyOutput, Batch]:
    """Two tokens with ratios 1.5 and 0.5, and padding."""
    mask = torch.tensor([[1.0, 1.0, 0.0]])
    batch = Batch(
        prompt_ids=torch.zeros(1, 1, dtype=torch.long),
        prompt_mask=torch.ones(1, 1),
        prompt_index=torch.zeros(1, dtype=torch.long),
        completion_ids=torch.zeros(1, 3, dtype=torch.long),
        mask=mask,
        old_logprobs=torch.tensor([[-2.0, -1.0, 0.0]]),
        rewards=torch.ones(1),
        advantages=torch.tensor([[1.0, 3.0, 0.0]]),
        token_weights=mask / 2,
        loss_weights=mask / 4,
    )
    logprobs = torch.tensor([[-2.0 + math.log(1.5), -1.0 + math.log(0.5), -math.inf]])
    return PolicyOutput(logprobs, torch.zeros(1, 3, 1)), batch


def test_loss_and_metrics_by_hand():
    output, batch = one_row()
    term = policy_term(output, batch, 0.2, None)
    # -(1.2 * 1 + 0.5 * 3) / 4
    assert term.loss.item() == pytest.approx(-0.675)
    assert term.metrics["policy/clip_fraction"].item() == pytest.approx(0.5)
    # k3 of KL(old, new): ratio - 1 - log ratio
    kl = ((0.5 - math.log(1.5)) + (-0.5 - math.log(0.5))) / 2
    assert term.metrics["policy/kl_old"].item() == pytest.approx(kl, abs=1e-6)


def test_a_higher_upper_bound_lets_the_ratio_rise():
    output, batch = one_row()
    assert policy_term(output, batch, 0.2, 0.4).loss.item() == pytest.approx(-(1.4 + 1.5) / 4)


def test_the_penalty_is_summed_over_the_completion_only(rollouts: Any):
    batch = rollouts.batch
    penalty = torch.where(batch.mask > 0, 0.5, math.nan)
    assert torch.allclose(penalized_rewards(batch, penalty), batch.rewards - 0.5 * batch.mask.sum(1))


def test_row_advantages_stand_on_every_token():
    mask = torch.tensor([[1.0, 1.0], [1.0, 0.0]])
    assert per_token(torch.tensor([2.0, 3.0]), mask).tolist() == [[2.0, 2.0], [3.0, 0.0]]


def test_groups_of_one_are_refused_with_what_to_do():
    check_groups("grpo", 2)
    with pytest.raises(ConfigError, match=r"num_generations is 1, but grpo compares .*: set num_generations to 2"):
        check_groups("grpo", 1)
