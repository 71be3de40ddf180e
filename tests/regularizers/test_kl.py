import math
from dataclasses import replace
from typing import Any

import pytest
import torch

from formalrl.batch import PolicyOutput, UpdateContext
from formalrl.errors import ConfigError
from formalrl.regularizers.kl import KL

PAPER = KL(coef=0.2, target=6.0, horizon=10_000)


def test_estimates_in_the_loss_by_hand(rollouts: Any):
    batch = rollouts.batch.select(torch.tensor([0])).replace(
        token_weights=torch.tensor([[0.5, 0.5]]), ref_logprobs=torch.tensor([[-1.5, -1.0]])
    )
    output = PolicyOutput(torch.tensor([[-1.0, -1.0]]), torch.log(torch.tensor([[[0.5, 0.5], [0.9, 0.1]]])))
    reference = torch.log(torch.tensor([[[0.5, 0.5], [0.5, 0.5]]]))
    exact = 0.9 * math.log(1.8) + 0.1 * math.log(0.2)
    for estimator, wanted in (
        ("k2", 0.125),
        ("k3", math.exp(-0.5) - 0.5),
        ("exact", exact),
        (None, math.exp(-0.5) - 0.5),
    ):
        part = KL(coef=0.1, placement="loss", estimator=estimator)
        term = part.term(output, batch, UpdateContext(0.1, ref_logp_all=reference))
        assert term.loss.item() == pytest.approx(0.1 * 0.5 * wanted, abs=1e-6)


@pytest.mark.parametrize("placement", ["loss", "reward"])
def test_tokens_where_the_reference_is_certain_weigh_more_by_hand(rollouts: Any, placement: str):
    batch = rollouts.batch.select(torch.tensor([0])).replace(
        old_logprobs=torch.tensor([[-1.0, -1.0]]),
        token_weights=torch.tensor([[0.5, 0.5]]),
        ref_logprobs=torch.tensor([[-2.0, -3.0]]),
        ref_certainty=torch.tensor([[1.0, 0.5]]),
    )
    part = KL(coef=0.1, placement=placement, certainty_power=2.0)  # pyright: ignore[reportArgumentType]
    assert part.needs_certainty
    assert not KL(coef=0.1).needs_certainty
    if placement == "reward":
        assert part.penalty(batch).tolist() == [[1.0, pytest.approx(2.0 * 0.25)]]
    else:
        output = PolicyOutput(torch.tensor([[-1.0, -1.0]]), torch.zeros(1, 2, 2))
        wanted = 0.5 * math.exp(-1) + 0.5 * 0.25 * (math.exp(-2) + 1)
        assert part.term(output, batch, UpdateContext(0.1)).loss.item() == pytest.approx(0.1 * wanted)
    with pytest.raises(ConfigError, match="certainty_power"):
        KL(certainty_power=-1.0)


def test_the_controller_by_hand():
    state = PAPER.initial_state()
    assert PAPER.coefficient(state, 0.3) == 0.2
    # 6.6 / 6 - 1 = 0.1: 0.2 * (1 + 0.1 * 256 / 10,000)
    state = PAPER.update(state, {"policy/kl_sequence": 6.6, "completions/count": 256.0})
    assert PAPER.coefficient(state, 0.3) == pytest.approx(0.200512)
    # far above and far below: cut at +-0.2
    up = PAPER.update({"coef": 0.2}, {"policy/kl_sequence": 600.0, "completions/count": 256.0})
    down = PAPER.update({"coef": 0.2}, {"policy/kl_sequence": -5.0, "completions/count": 256.0})
    assert (up["coef"], down["coef"]) == (pytest.approx(0.201024), pytest.approx(0.198976))


def test_a_kl_that_is_not_a_number_moves_nothing():
    assert PAPER.update({"coef": 0.2}, {"policy/kl_sequence": math.nan, "completions/count": 8.0}) == {"coef": 0.2}


def test_what_of_the_reference_each_estimator_reads():
    assert KL().needs_reference == "no"
    assert PAPER.needs_reference == "logprobs"
    assert KL(coef=0.1, placement="loss", estimator="k3").needs_reference == "logprobs"
    assert KL(coef=0.1, placement="loss", estimator="exact").needs_reference == "full"


def test_a_penalty_in_the_reward_is_no_loss(rollouts: Any):
    with pytest.raises(ConfigError, match="placement is 'reward'"):
        PAPER.term(rollouts.output(), rollouts.batch, UpdateContext(0.2))


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"coef": -0.1}, "coef is -0.1"),
        ({"placement": "prompt"}, "placement is 'prompt'"),
        ({"estimator": "k3"}, "estimator is 'k3', but in the reward"),
        ({"placement": "loss", "estimator": "k1"}, "estimator is 'k1', but in the loss"),
        ({"target": 0.0}, "target is 0.0"),
        ({"horizon": 0}, "horizon 0"),
        ({"coef_schedule": "linear", "coef_end": 0.0}, "coef_schedule is 'linear'"),
    ],
)
def test_settings_that_cannot_work_are_refused(setting: dict[str, Any], message: str):
    with pytest.raises(ConfigError, match=message):
        replace(PAPER, **setting)
