"""The check before the first step catches scoring that is not what was sampled."""

import dataclasses
from typing import get_args

import pytest
import torch

from formalrl.errors import ModelError
from formalrl.models.config import Architecture
from formalrl.models.policy import Policy
from formalrl.sampling import gap
from formalrl.training import startup
from formalrl.training.startup import TOLERANCE, architecture_gaps, check_logprob_gap, full_precision


def test_a_right_policy_passes(make_engine):
    assert check_logprob_gap(make_engine(task={"length": 3}, top_p=0.9)) <= TOLERANCE


@pytest.fixture
def spread_out(make_engine):
    """An engine whose probabilities differ from token to token and from position to position."""
    return make_engine(task={"length": 3}, model={"preset": "tiny", "initializer_range": 0.5})


def test_positions_that_ignore_left_padding_are_caught(spread_out, monkeypatch):
    assert check_logprob_gap(spread_out) <= TOLERANCE
    model = type(spread_out.policy.model)
    right_forward, right_score = model.forward, gap.score

    def forward(self, *args, position_ids, **kwargs):
        counted = torch.arange(position_ids.shape[1]).expand_as(position_ids).clamp(max=position_ids.max())
        return right_forward(self, *args, position_ids=counted, **kwargs)

    def score(*args, **kwargs):
        with monkeypatch.context() as patch:
            patch.setattr(model, "forward", forward)
            return right_score(*args, **kwargs)

    monkeypatch.setattr(gap, "score", score)
    with pytest.raises(ModelError, match=r"differ by .* try sampler eager"):
        check_logprob_gap(spread_out)


def test_a_wrong_temperature_is_caught(spread_out, monkeypatch):
    right = gap.score

    def wrong(policy, batch, rule, **kwargs):
        return right(policy, batch, dataclasses.replace(rule, temperature=1.1), **kwargs)

    monkeypatch.setattr(gap, "score", wrong)
    with pytest.raises(ModelError) as caught:
        check_logprob_gap(spread_out)
    assert "\n" not in str(caught.value)


def test_not_a_number_is_caught(make_engine, monkeypatch):
    monkeypatch.setattr(startup, "logprob_gap", lambda *args: float("nan"))
    with pytest.raises(ModelError):
        check_logprob_gap(make_engine())


def test_every_architecture_agrees_with_itself():
    gaps = architecture_gaps()
    assert set(gaps) == set(get_args(Architecture))
    assert max(gaps.values()) <= TOLERANCE


def test_low_precision_is_allowed_a_larger_gap(make_engine):
    policy = make_engine().policy
    assert full_precision(policy, "no")
    assert not full_precision(policy, "bf16")
    assert not full_precision(Policy(policy.model.to(torch.bfloat16)), "no")
