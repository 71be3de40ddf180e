"""What every algorithm promises, over all files of the folder."""

import dataclasses
import inspect
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from formalrl import plugins
from formalrl.batch import Batch
from formalrl.errors import ConfigError
from formalrl.ops.weights import token_weights

NAMES = plugins.names("algorithm")


@pytest.fixture(params=NAMES)
def algorithm(request: pytest.FixtureRequest) -> Any:
    return plugins.find("algorithm", request.param)()


def prepared(algorithm: Any, batch: Batch) -> Batch:
    batch = algorithm.advantages(batch, torch.zeros_like(batch.mask))
    return batch.replace(
        token_weights=token_weights(batch.mask), loss_weights=algorithm.loss_weights(batch.mask, batch.mask.shape[1])
    )


def gradients(algorithm: Any, rollouts: Any, batch: Batch, rows: list[int], size: int) -> tuple[Tensor, Tensor]:
    """Return the gradients of logits and values, summed over micro-batches of `size`."""
    rollouts.logits.grad = rollouts.values.grad = None
    where = torch.tensor(rows)
    for start in range(0, len(rows), size):
        part = torch.arange(start, min(start + size, len(rows)))
        algorithm.loss(rollouts.output(where[part]), batch.select(part)).loss.backward()
    zero = torch.zeros_like(rollouts.values)
    return rollouts.logits.grad.clone(), zero if rollouts.values.grad is None else rollouts.values.grad.clone()


def test_the_four_algorithms_are_found():
    assert set(NAMES) >= {"grpo", "ppo", "reinforce", "rloo"}


def test_is_a_frozen_dataclass_whose_fields_are_documented(algorithm: Any):
    assert dataclasses.is_dataclass(algorithm)
    fields = dataclasses.fields(algorithm)
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(algorithm, fields[0].name, None)
    lines = inspect.getsource(type(algorithm)).splitlines()
    for field in fields:
        at = next(i for i, line in enumerate(lines) if line.startswith(f"    {field.name}: "))
        assert lines[at + 1].strip().startswith('"""'), f"{field.name} has no docstring line under it"


@pytest.mark.parametrize("size", [1, 4])
def test_micro_batches_add_up_to_loss_gradient_and_metrics(algorithm: Any, rollouts: Any, size: int):
    batch = prepared(algorithm, rollouts.batch)
    rows = list(range(len(batch)))
    whole = gradients(algorithm, rollouts, batch, rows, len(rows))
    parts = gradients(algorithm, rollouts, batch, rows, size)
    assert whole[0].abs().max() > 1e-3
    for one, other in zip(whole, parts, strict=True):
        assert torch.allclose(one, other, atol=1e-7)
    term = algorithm.loss(rollouts.output(), batch)
    terms = [
        algorithm.loss(rollouts.output(slice(i, i + size)), batch.select(torch.tensor(rows[i : i + size])))
        for i in range(0, len(rows), size)
    ]
    assert sum(t.loss.item() for t in terms) == pytest.approx(term.loss.item(), abs=1e-6)
    for name, value in term.metrics.items():
        assert sum(t.metrics[name].item() for t in terms) == pytest.approx(value.item(), abs=1e-6), name


def test_rows_whose_scorer_failed_leave_no_trace(algorithm: Any, rollouts: Any):
    rows = [0, 2, 5, 6, 8]  # prompt 1 loses all its rows
    kept = rollouts.batch.select(torch.tensor(rows))
    batch = prepared(algorithm, kept)
    found = gradients(algorithm, rollouts, batch, rows, len(rows))
    # the same rollouts, had the prompts kept their numbers, with a gap where prompt 1 was
    everything = rollouts.batch
    gap = kept.replace(
        prompt_ids=everything.prompt_ids,
        prompt_mask=everything.prompt_mask,
        prompt_index=everything.prompt_index[torch.tensor(rows)],
    )
    wanted = gradients(algorithm, rollouts, prepared(algorithm, gap), rows, len(rows))
    for one, other in zip(found, wanted, strict=True):
        assert torch.equal(one, other)
        assert not one[[1, 3, 4, 7]].any()


def test_padding_leaves_no_trace(algorithm: Any, make_rollouts: Callable[..., Any]):
    results = []
    for padding in (0.0, 50.0):
        rollouts = make_rollouts(padding=padding)
        batch = prepared(algorithm, rollouts.batch)
        assert not batch.advantages[batch.mask == 0].any()
        results.append(gradients(algorithm, rollouts, batch, list(range(9)), 9))
        assert not results[-1][0][batch.mask == 0].any()
        assert not results[-1][1][batch.mask == 0].any()
    for one, other in zip(*results, strict=True):
        assert torch.allclose(one, other, atol=1e-7)


def test_further_padding_columns_change_nothing(algorithm: Any, rollouts: Any):
    batch = algorithm.advantages(rollouts.batch, torch.zeros_like(rollouts.batch.mask))
    wide = {
        f.name: torch.nn.functional.pad(value, (0, 2))
        for f in dataclasses.fields(batch)
        if (value := getattr(rollouts.batch, f.name)) is not None and value.shape == batch.mask.shape
    }
    padded = algorithm.advantages(rollouts.batch.replace(**wide), torch.zeros(len(batch), 6))
    assert torch.allclose(padded.advantages[:, :4], batch.advantages, atol=1e-7)
    assert torch.allclose(
        algorithm.loss_weights(padded.mask, 9)[:, :4], algorithm.loss_weights(batch.mask, 9), atol=1e-7
    )


def test_loss_weights_are_normalized_over_the_update(algorithm: Any, rollouts: Any):
    mask = rollouts.batch.mask
    weights = algorithm.loss_weights(mask, mask.shape[1])
    assert not weights[mask == 0].any()
    assert weights.sum() <= 1 + 1e-6
    full = algorithm.loss_weights(torch.ones(3, 4), 4)
    assert full.sum().item() == pytest.approx(1.0)


def test_advantages_are_centered(algorithm: Any, rollouts: Any):
    advantages = prepared(algorithm, rollouts.batch.replace(rewards=rollouts.batch.rewards + 100.0)).advantages
    if algorithm.needs_values:  # per token
        assert advantages.sum().abs() < 1e-3
    else:  # per row: the first column is the row's
        assert advantages[:, 0].sum().abs() < 1e-3
        assert torch.equal(advantages, advantages[:, :1] * rollouts.batch.mask)


def test_equal_rewards_teach_exactly_nothing(algorithm: Any, rollouts: Any):
    rewards = torch.tensor([0.3, 0.1 + 0.2, 0.3 + 3e-8, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3])
    single = rollouts.batch.mask * (torch.arange(4) == 0)  # one token each, so that GAE has no spread of its own
    batch = rollouts.batch.replace(rewards=rewards, mask=single, old_values=torch.full_like(single, 0.1))
    assert not prepared(algorithm, batch).advantages.any()


def test_a_penalty_in_the_reward_lowers_the_advantage_of_its_row(algorithm: Any, rollouts: Any):
    batch = rollouts.batch
    penalty = torch.zeros_like(batch.mask)
    penalty[2, :2] = 0.4
    penalty[2, 3] = 0.1
    before = algorithm.advantages(batch, torch.zeros_like(penalty)).advantages
    after = algorithm.advantages(batch, penalty).advantages
    assert after[2, 0] < before[2, 0]
    if not algorithm.needs_values:
        moved = batch.replace(rewards=batch.rewards - torch.tensor([0, 0, 0.9, 0, 0, 0, 0, 0, 0]))
        assert torch.allclose(after, algorithm.advantages(moved, torch.zeros_like(penalty)).advantages, atol=1e-6)


def test_loss_metrics_add_up_to_the_loss(algorithm: Any, rollouts: Any):
    term = algorithm.loss(rollouts.output(), prepared(algorithm, rollouts.batch))
    parts = sum(value.item() for name, value in term.metrics.items() if name.startswith("loss/"))
    assert parts == pytest.approx(term.loss.item(), abs=1e-6)
    assert {"loss/policy", "policy/clip_fraction", "policy/kl_old"} <= set(term.metrics)
    assert not any(value.requires_grad for value in term.metrics.values())


def test_on_policy_the_gradient_is_that_of_weighted_log_likelihood(algorithm: Any, rollouts: Any):
    """At ratio 1 all four are sum of weight * advantage * grad log pi."""
    batch = rollouts.batch.replace(old_logprobs=rollouts.output().logprobs.detach())
    batch = prepared(algorithm, batch)
    found, _ = gradients(algorithm, rollouts, batch, list(range(9)), 9)
    objective = -(batch.loss_weights * batch.advantages * rollouts.output().logprobs).sum()
    (wanted,) = torch.autograd.grad(objective, rollouts.logits)
    assert torch.allclose(found, wanted, atol=1e-7)


@pytest.mark.parametrize(
    "setting",
    [
        {"num_ppo_epochs": 0},
        {"num_minibatches": 0},
        {"target_kl": 0.0},
        {"epsilon": 0.0},
        {"epsilon": 1.0},
        {"epsilon_high": -0.1},
    ],
)
def test_settings_that_cannot_work_are_refused(algorithm: Any, setting: dict[str, float]):
    with pytest.raises(ConfigError, match=next(iter(setting))):
        dataclasses.replace(algorithm, **setting)


def test_more_minibatches_than_prompts_are_refused(algorithm: Any):
    many = dataclasses.replace(algorithm, num_minibatches=4)
    many.check(num_generations=2, prompts_per_step=4)
    with pytest.raises(ConfigError, match="num_minibatches is 4"):
        many.check(num_generations=2, prompts_per_step=3)


@pytest.mark.parametrize("missing", ["advantages", "loss_weights", "token_weights"])
def test_a_batch_that_is_not_prepared_is_refused(algorithm: Any, rollouts: Any, missing: str):
    batch = prepared(algorithm, rollouts.batch).replace(**{missing: None})
    with pytest.raises(ValueError, match=missing):
        algorithm.loss(rollouts.output(), batch)
