"""What every regularizer promises, over all files of the folder, in each of its variants."""

import dataclasses
import inspect
import json
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from formalrl import plugins
from formalrl.batch import Batch, LossTerm, UpdateContext
from formalrl.errors import ConfigError
from formalrl.ops.covariance import covariances, share_above
from formalrl.ops.mean_policy import add_rows, mean_logp, no_rows
from formalrl.ops.weights import token_weights

NAMES = plugins.names("regularizer")
VARIANTS: dict[str, list[dict[str, Any]]] = {
    "batch_entropy": [{}, {"form": "log_barrier"}],
    "kl_cov": [{"fraction": 0.4}],
    "kl": [{"placement": "loss", "estimator": kind} for kind in ("k2", "k3", "exact")]
    + [{"placement": "loss", "certainty_power": 2.0}],
    "pointwise_information": [],  # acts in the reward, has no loss
}
COEF = 0.3


@pytest.fixture(
    params=[(name, settings) for name in NAMES for settings in VARIANTS.get(name, [{}])],
    ids=lambda param: "-".join([param[0], *map(str, param[1].values())]),
)
def regularizer(request: pytest.FixtureRequest) -> Any:
    name, settings = request.param
    return plugins.find("regularizer", name)(coef=COEF, **settings)


def name_of(regularizer: Any) -> str:
    return type(regularizer).__module__.rpartition(".")[2]


def context(regularizer: Any, rollouts: Any, rows: Tensor) -> UpdateContext:
    """Return what the update of these rows knows as a whole, but for the reference of a micro-batch."""
    _, length, vocabulary = rollouts.logits.shape
    total = add_rows(no_rows(length, vocabulary), rollouts.output(rows).logp_all, rollouts.batch.mask[rows])
    mean = mean_logp(total) if regularizer.needs_mean_policy else None
    return UpdateContext(regularizer.coefficient(regularizer.initial_state(), 0.0), mean, vocabulary)


def terms(regularizer: Any, rollouts: Any, rows: Tensor, size: int) -> list[LossTerm]:
    """Return the terms of the micro-batches of one update that consists of these rows."""
    batch = rollouts.batch.select(rows)
    batch = batch.replace(token_weights=token_weights(batch.mask), covariance_share=covariance_share(batch))
    whole = context(regularizer, rollouts, rows)
    reference = torch.log_softmax(rollouts.logits.detach().roll(1, -1), -1)
    found: list[LossTerm] = []
    for part in torch.arange(len(rows)).split(size):
        ref = reference[rows[part]] if regularizer.needs_reference == "full" else None
        found.append(
            regularizer.term(
                rollouts.output(rows[part]), batch.select(part), dataclasses.replace(whole, ref_logp_all=ref)
            )
        )
    return found


def covariance_share(batch: Batch) -> Tensor:
    """Return what the whole update tells of its tokens; the reward stands for the advantage."""
    advantages = batch.rewards.unsqueeze(1) * batch.mask
    return share_above(covariances(advantages, batch.old_logprobs, batch.mask), batch.mask)


def gradient(regularizer: Any, rollouts: Any, rows: Tensor, size: int) -> Tensor:
    loss = torch.stack([term.loss for term in terms(regularizer, rollouts, rows, size)]).sum()
    return torch.autograd.grad(loss, rollouts.logits)[0]


ALL = torch.arange(9)


def test_the_four_regularizers_are_found():
    assert set(NAMES) >= {"batch_entropy", "entropy", "kl", "mutual_information"}


def test_is_a_frozen_dataclass_whose_fields_are_documented(regularizer: Any):
    with pytest.raises(dataclasses.FrozenInstanceError):
        regularizer.coef = 1.0
    lines = inspect.getsource(type(regularizer)).splitlines()
    for field in dataclasses.fields(regularizer):
        at = next(i for i, line in enumerate(lines) if line.startswith(f"    {field.name}: "))
        assert lines[at + 1].strip().startswith('"""'), f"{field.name} has no docstring line under it"


@pytest.mark.parametrize("size", [1, 4])
def test_micro_batches_add_up_to_loss_and_gradient(regularizer: Any, rollouts: Any, size: int):
    whole, parts = terms(regularizer, rollouts, ALL, 9), terms(regularizer, rollouts, ALL, size)
    assert sum(term.loss.item() for term in parts) == pytest.approx(whole[0].loss.item(), abs=1e-5)
    wanted = gradient(regularizer, rollouts, ALL, 9)
    assert wanted.abs().max() > 1e-3
    assert torch.allclose(gradient(regularizer, rollouts, ALL, size), wanted, atol=1e-6)


def test_rows_whose_scorer_failed_leave_no_trace(regularizer: Any, make_rollouts: Callable[..., Any]):
    rows = torch.tensor([0, 2, 5, 6, 8])
    before = make_rollouts()
    wanted = gradient(regularizer, before, rows, 5)
    assert not wanted[[1, 3, 4, 7]].any()
    after = make_rollouts()
    with torch.no_grad():  # the rows that are absent hold something else
        after.logits[[1, 3, 4, 7]] = 7.0 * torch.randn(4, *after.logits.shape[1:])
    assert torch.allclose(gradient(regularizer, after, rows, 2), wanted, atol=1e-6)


def test_padding_leaves_no_trace(regularizer: Any, make_rollouts: Callable[..., Any]):
    losses: list[float] = []
    gradients: list[Tensor] = []
    for padding in (0.0, 50.0, 5000.0):
        rollouts = make_rollouts(padding=padding)
        losses.append(sum(term.loss.item() for term in terms(regularizer, rollouts, ALL, 4)))
        gradients.append(gradient(regularizer, rollouts, ALL, 4))
        assert not gradients[-1][rollouts.batch.mask == 0].any()
    assert losses[1:] == pytest.approx([losses[0]] * 2, abs=1e-6)
    for other in gradients[1:]:
        assert torch.allclose(other, gradients[0], atol=1e-7)


def test_forbidden_tokens_leave_the_gradient_finite(regularizer: Any, rollouts: Any):
    rollouts.batch.completion_ids[:] = rollouts.batch.completion_ids.clamp(max=4)
    forbidden = torch.where(torch.arange(6) == 5, -torch.inf, 0.0)
    with torch.no_grad():
        rollouts.logits.add_(forbidden)
    if regularizer.needs_reference == "full":  # the reference shares the kept set
        batch = rollouts.batch.replace(token_weights=token_weights(rollouts.batch.mask))
        reference = torch.log_softmax(torch.zeros_like(rollouts.logits) + forbidden, -1)
        loss = regularizer.term(rollouts.output(), batch, UpdateContext(COEF, ref_logp_all=reference)).loss
    else:
        loss = terms(regularizer, rollouts, ALL, 9)[0].loss
    (found,) = torch.autograd.grad(loss, rollouts.logits)
    assert torch.isfinite(loss)
    assert torch.isfinite(found).all()
    assert not found[..., 5].any()


def test_the_only_metric_is_the_loss_under_its_own_name(regularizer: Any, rollouts: Any):
    (term,) = terms(regularizer, rollouts, ALL, 9)
    assert set(term.metrics) == {f"loss/{name_of(regularizer)}"}
    value = next(iter(term.metrics.values()))
    assert value.item() == term.loss.item()
    assert not value.requires_grad


def test_the_term_is_proportional_to_the_coefficient(regularizer: Any, rollouts: Any):
    (one,) = terms(regularizer, rollouts, ALL, 9)
    (two,) = terms(dataclasses.replace(regularizer, coef=2 * COEF), rollouts, ALL, 9)
    assert two.loss.item() == pytest.approx(2 * one.loss.item(), rel=1e-5)


def test_off_needs_nothing(regularizer: Any):
    off = dataclasses.replace(regularizer, coef=0.0)
    assert not off.enabled
    assert not off.needs_mean_policy
    assert off.needs_reference == "no"
    assert regularizer.enabled


def test_a_coefficient_that_rises_from_zero_is_on(regularizer: Any):
    rising = dataclasses.replace(regularizer, coef=0.0, coef_end=0.2, coef_schedule="linear")
    assert rising.enabled
    assert rising.needs_mean_policy == regularizer.needs_mean_policy
    assert rising.needs_reference == regularizer.needs_reference
    state = rising.initial_state()
    assert [rising.coefficient(state, progress) for progress in (0.0, 0.5, 1.0)] == pytest.approx([0.0, 0.1, 0.2])


def test_the_state_survives_json(regularizer: Any):
    state = regularizer.initial_state()
    metrics = {"policy/entropy": 1.0, "policy/kl_sequence": 3.0, "completions/count": 8.0}
    after = regularizer.update(json.loads(json.dumps(state)), metrics)
    assert json.loads(json.dumps(after)) == after
    assert regularizer.coefficient(state, 0.0) == COEF


def test_a_step_without_an_update_leaves_the_state_alone(regularizer: Any):
    state = regularizer.initial_state()
    assert regularizer.update(state, {"reward/error_rate": 0.4}) == state


def test_a_broken_schedule_is_refused(regularizer: Any):
    with pytest.raises(ConfigError, match="coef_end"):
        dataclasses.replace(regularizer, coef_schedule="linear")


def test_what_the_update_must_supply_is_named(regularizer: Any, rollouts: Any):
    batch: Batch = rollouts.batch.replace(token_weights=None, ref_logprobs=None)
    with pytest.raises(ValueError, match=r"token_weights|mean_logp|ref_logp"):
        regularizer.term(rollouts.output(), batch, UpdateContext(COEF))
