import math
from dataclasses import replace
from typing import Any

import pytest
import torch

from formalrl.batch import PolicyOutput, UpdateContext
from formalrl.errors import ConfigError
from formalrl.regularizers.entropy import Entropy


def test_the_loss_is_minus_the_mean_token_entropy(rollouts: Any):
    batch = rollouts.batch.select(torch.tensor([0, 1])).replace(token_weights=torch.tensor([[0.5, 0, 0, 0]] * 2))
    logp_all = torch.log(torch.tensor([[[0.5, 0.5, 0.0]] * 4, [[1.0, 0.0, 0.0]] * 4]))
    term = Entropy(coef=0.3).term(PolicyOutput(torch.zeros(2, 4), logp_all), batch, UpdateContext(0.3))
    assert term.loss.item() == pytest.approx(-0.3 * 0.5 * math.log(2), abs=1e-6)


def test_descending_the_loss_raises_the_entropy(rollouts: Any):
    part, context = Entropy(coef=0.3), UpdateContext(0.3)
    before = part.term(rollouts.output(), rollouts.batch, context).loss
    (gradient,) = torch.autograd.grad(before, rollouts.logits)
    with torch.no_grad():
        rollouts.logits.sub_(10 * gradient)
    after = part.term(rollouts.output(), rollouts.batch, context).loss
    assert after < before - 1e-3


def test_the_controller_raises_the_coefficient_below_the_target_and_lowers_it_above():
    part = Entropy(coef=0.1, adaptive_target=0.5, delta=0.01)
    state = part.initial_state()
    state = part.update(state, {"policy/entropy": 4.0})  # step 0 sets the target to 2.0; 4 is above it
    assert part.coefficient(state, 0.0) == pytest.approx(0.09)
    state = part.update(state, {"policy/entropy": 1.9})
    assert part.coefficient(state, 0.5) == pytest.approx(0.10)
    state = part.update(state, {"policy/entropy": 2.1})
    assert part.coefficient(state, 0.9) == pytest.approx(0.09)
    assert state["first_entropy"] == 4.0


def test_the_controller_cannot_switch_itself_off():
    part = Entropy(coef=0.0, adaptive_target=0.9, delta=0.1, coef_max=0.25)
    assert part.enabled
    state = part.update(part.initial_state(), {"policy/entropy": 1.0})
    for _ in range(5):
        state = part.update(state, {"policy/entropy": 2.0})
    assert part.coefficient(state, 0.0) == 0.0
    found = []
    for _ in range(4):
        state = part.update(state, {"policy/entropy": 0.5})
        found.append(part.coefficient(state, 0.0))
    assert found == pytest.approx([0.1, 0.2, 0.25, 0.25])


def test_the_controller_stays_between_its_bounds():
    part = Entropy(coef=0.0, adaptive_target=0.5, coef_min=0.02, coef_max=0.1)
    assert part.coefficient(part.initial_state(), 0.0) == 0.02
    state = part.update(part.initial_state(), {"policy/entropy": 5.0})
    assert part.coefficient(state, 0.0) == 0.02


def test_an_entropy_that_is_not_a_number_moves_nothing():
    part = Entropy(coef=0.1, adaptive_target=0.5)
    assert part.update(part.initial_state(), {"policy/entropy": math.nan}) == part.initial_state()


@pytest.mark.parametrize(
    "setting",
    [
        {"adaptive_target": 0.0},
        {"delta": 0.0},
        {"coef_min": -0.1},
        {"coef_max": 0.0},
        {"coef_schedule": "linear", "coef_end": 0.0},
    ],
)
def test_controllers_that_cannot_work_are_refused(setting: dict[str, Any]):
    with pytest.raises(ConfigError, match=next(iter(setting))):
        replace(Entropy(coef=0.1, adaptive_target=0.5), **setting)
