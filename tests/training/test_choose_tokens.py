"""Tokens are chosen over the whole update, however it is cut afterwards."""

import pytest
import torch

from formalrl.training.annotate import annotate
from formalrl.training.choose_tokens import choose_tokens
from formalrl.training.collate import collate
from formalrl.training.engine import RunState
from formalrl.training.sampling_rounds import sample_rounds
from formalrl.training.step import train_step
from formalrl.training.stopwatch import Stopwatch
from formalrl.training.update import minibatches, update

COV = {"clip_cov": 0.2, "clip_cov_low": 0.05, "clip_cov_high": 100.0}
METHODS = [
    {"exploration": {"top_entropy": 0.3}},
    {"exploration": COV},
    {"exploration": {"top_entropy": 0.5, **COV}, "regularizers": {"kl_cov": {"coef": 0.5, "fraction": 0.1}}},
]


def batch_of(engine, size):
    rollouts = sample_rounds(engine, 0, {}, Stopwatch())[0]
    batch = annotate(engine, collate(rollouts, pad_token_id=engine.rule.pad_token_id, min_group_size=2), size)
    batch = engine.config.algorithm.advantages(batch, torch.zeros_like(batch.mask))
    return batch.replace(old_logprobs=batch.old_logprobs + 0.1 * batch.advantages)  # as if an update had gone before


def gradients(engine, size):
    engine.optimizer.step = lambda: None
    (minibatch,) = minibatches(engine, batch_of(engine, size), 0, 0)
    done = update(engine, minibatch, {name: p.coef for name, p in engine.active_regularizers.items()}, size)
    return {name: p.grad.clone() for name, p in engine.policy.named_parameters() if p.grad is not None}, done.metrics


@pytest.mark.parametrize("algorithm", ["ppo", "grpo"])
@pytest.mark.parametrize("method", METHODS)
def test_micro_batch_size_changes_no_gradient(make_engine, method, algorithm):
    engine = make_engine(task={"length": 2}, algorithm=algorithm, max_grad_norm=0.0, **method)
    whole, first = gradients(engine, 1000)
    parts, second = gradients(engine, 7)
    assert first["policy/chosen_fraction"] == second["policy/chosen_fraction"] < 1
    for name, gradient in whole.items():
        assert torch.allclose(parts[name], gradient, atol=1e-6, rtol=1e-4), name
    plain, _ = gradients(make_engine(task={"length": 2}, algorithm=algorithm, max_grad_norm=0.0), 1000)
    assert any(not torch.allclose(plain[name], gradient, atol=1e-5) for name, gradient in whole.items())


def test_the_policy_loss_keeps_the_weights_of_the_chosen_tokens(make_engine):
    engine = make_engine(task={"length": 2}, exploration={"top_entropy": 0.3})
    (found,) = minibatches(engine, batch_of(engine, 1000), 0, 0)
    chosen = found.loss_weights > 0
    entropies = found.old_entropies
    assert entropies[chosen].min() >= entropies[~chosen & (found.mask > 0)].max() - 1e-5
    assert 0.3 <= chosen.sum() / found.mask.sum() < 0.9
    assert found.loss_weights[chosen].equal(found.token_weights[chosen])  # dapo: uniform over all tokens


def test_the_draw_of_clip_cov_hangs_on_its_key_alone(make_engine):
    engine = make_engine(task={"length": 2}, exploration=COV)
    batch = batch_of(engine, 1000)
    batch = batch.replace(loss_weights=batch.mask)
    first, again, other = (choose_tokens(engine, batch, key).loss_weights for key in ((1, 0, 0), (1, 0, 0), (1, 0, 1)))
    assert first.equal(again)
    assert not first.equal(other)


def test_without_a_method_nothing_is_touched(make_engine):
    engine = make_engine()
    batch = batch_of(engine, 1000)
    assert choose_tokens(engine, batch, (0, 0, 0)) is batch


def test_a_step_logs_the_share_of_its_tokens(make_engine):
    _, metrics, _ = train_step(make_engine(**METHODS[2]), RunState())
    assert 0 < metrics["policy/chosen_fraction"] <= 0.9
    assert metrics["loss/kl_cov"] == pytest.approx(0.0, abs=1e-5)  # one update a step: pi is pi_old
    settings = METHODS[2] | {"algorithm": {"name": "grpo", "num_ppo_epochs": 3}, "learning_rate": 1e-2}
    _, metrics, _ = train_step(make_engine(**settings), RunState())
    assert metrics["loss/kl_cov"] > 1e-4
