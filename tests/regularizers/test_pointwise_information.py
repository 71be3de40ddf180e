"""Pointwise information in the reward: by hand, and off without a coefficient."""

from typing import Any

import pytest
import torch

from formalrl.batch import UpdateContext
from formalrl.errors import ConfigError
from formalrl.regularizers.pointwise_information import PointwiseInformation


def test_the_penalty_is_what_other_prompts_expect_too(rollouts: Any):
    batch = rollouts.batch.select(torch.tensor([0])).replace(
        old_logprobs=torch.tensor([[-1.0, -2.0]]), mixture_logprobs=torch.tensor([[-1.0, -3.5]])
    )
    assert PointwiseInformation(coef=0.1).penalty(batch).tolist() == [[0.0, -1.5]]


def test_it_has_no_loss(rollouts: Any):
    with pytest.raises(ConfigError, match="acts in the reward"):
        PointwiseInformation(coef=0.1).term(rollouts.output(), rollouts.batch, UpdateContext(0.1))


def test_it_is_off_without_a_coefficient_and_may_fade():
    assert not PointwiseInformation().enabled
    fading = PointwiseInformation(coef=0.4, coef_end=0.0, coef_schedule="linear")
    assert fading.coefficient(fading.initial_state(), 0.75) == pytest.approx(0.1)


@pytest.mark.parametrize("setting", [{"coef": -0.1}, {"contrast": 0}])
def test_what_cannot_work_is_refused(setting: Any):
    with pytest.raises(ConfigError, match=next(iter(setting))):
        PointwiseInformation(**setting)
