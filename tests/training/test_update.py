"""Gradients of an update do not depend on micro-batches, neighbors or failed rows. Adam hides wrong factors, so the
gradients themselves are compared."""

import dataclasses

import pytest
import torch

from formalrl.training.annotate import annotate
from formalrl.training.collate import collate
from formalrl.training.engine import RunState
from formalrl.training.rollouts import select_groups
from formalrl.training.sampling_rounds import sample_rounds
from formalrl.training.step import train_step
from formalrl.training.stopwatch import Stopwatch
from formalrl.training.update import minibatches, own_rows, update

ALGORITHMS = ("ppo", "grpo", "rloo", "reinforce")
ALL_ON = {
    "entropy": {"coef": 0.1},
    "batch_entropy": {"coef": 0.2},
    "mutual_information": {"coef": 0.1},
    "kl": {"coef": 0.3, "placement": "loss", "estimator": "exact"},
}


def gradients(engine, batch, size, coefficients=None):
    """The gradient of one update over the whole batch, with nothing changed."""
    engine.optimizer.step = lambda: None
    (minibatch,) = minibatches(engine, batch, step=0, epoch=0)
    chosen = coefficients or {name: part.coef for name, part in engine.active_regularizers.items()}
    done = update(engine, minibatch, chosen, size)
    return {name: p.grad.clone() for name, p in engine.policy.named_parameters() if p.grad is not None}, done


def batch_of(engine, rollouts=None):
    rollouts = rollouts or sample_rounds(engine, 0, {}, Stopwatch())[0]
    batch = collate(
        rollouts, pad_token_id=engine.rule.pad_token_id, min_group_size=engine.config.algorithm.min_group_size
    )
    batch = annotate(engine, batch, 1000)
    return engine.config.algorithm.advantages(batch, torch.zeros_like(batch.mask))


def only(rollouts, rows):
    """The rollouts of these rows, as if there had never been others."""
    chosen = {f.name: getattr(rollouts.samples, f.name) for f in dataclasses.fields(rollouts.samples)}
    samples = type(rollouts.samples)(**{k: None if v is None else v[torch.tensor(rows)] for k, v in chosen.items()})
    lists = {k: [getattr(rollouts, k)[row] for row in rows] for k in ("completions", "scores", "correct")}
    return dataclasses.replace(rollouts, prompt_index=rollouts.prompt_index[rows], samples=samples, **lists)


def one_minibatch(algorithm):
    return {"name": algorithm, "num_minibatches": 1}


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("length", [1, 3])
def test_micro_batch_size_changes_no_gradient(make_engine, algorithm, length):
    engine = make_engine(
        task={"length": length}, algorithm=one_minibatch(algorithm), regularizers=ALL_ON, max_grad_norm=0.0
    )
    batch = batch_of(engine)
    whole, first = gradients(engine, batch, 1000)
    for size in (1, 7):
        parts, second = gradients(engine, batch, size)
        for name, gradient in whole.items():
            assert torch.allclose(parts[name], gradient, atol=1e-6, rtol=1e-4), name
        for name, value in first.metrics.items():
            assert second.metrics[name] == pytest.approx(value, abs=1e-5, rel=1e-4), name
    assert max(float(g.abs().max()) for g in whole.values()) > 1e-4


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_failed_rows_leave_the_gradient_of_the_batch_without_them(make_engine, algorithm):
    settings = {"algorithm": one_minibatch(algorithm), "max_grad_norm": 0.0, "regularizers": {"entropy": {"coef": 0.1}}}
    engine = make_engine(task={"failing": True}, **settings)
    rollouts = sample_rounds(engine, 0, {}, Stopwatch())[0]
    failed = [score.error is not None for score in rollouts.scores]
    assert any(failed)
    assert not all(failed)
    found, _ = gradients(engine, batch_of(engine, rollouts), 1000)
    healthy = batch_of(engine, only(rollouts, [row for row, bad in enumerate(failed) if not bad]))
    assert len(healthy) <= len(failed) - sum(failed)
    again, _ = gradients(engine, healthy, 1000)
    for name, gradient in found.items():
        assert torch.allclose(again[name], gradient, atol=1e-7), name


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_other_prompts_in_the_batch_only_rescale(make_engine, algorithm):
    """Two groups in a batch give the sum of their gradients, each weighted by its tokens, when advantages are fixed."""
    engine = make_engine(task={"length": 2}, algorithm=one_minibatch(algorithm), max_grad_norm=0.0)
    rollouts = sample_rounds(engine, 0, {}, Stopwatch())[0]
    both = batch_of(engine, select_groups(rollouts, [0, 3]))
    found, _ = gradients(engine, both, 1000)
    total = {name: torch.zeros_like(g) for name, g in found.items()}
    for group in (0, 1):
        part = both.select(torch.nonzero(both.prompt_index == group).flatten())
        alone, _ = gradients(engine, part, 1000)
        for name, gradient in alone.items():
            total[name] += gradient * part.mask.sum() / both.mask.sum()
    for name, gradient in found.items():
        assert torch.allclose(total[name], gradient, atol=1e-6, rtol=1e-4), name


def test_sampled_and_scored_log_probabilities_agree_before_the_first_update(make_engine):
    engine = make_engine(task={"length": 3}, top_p=0.9)
    _, metrics, _ = train_step(engine, RunState())
    assert metrics["sampler/logprob_gap"] < 1e-4


def test_kl_to_the_reference_is_zero_before_and_positive_after_an_update(make_engine):
    engine = make_engine(regularizers={"kl": {"coef": 0.1, "placement": "reward"}}, learning_rate=1e-2)
    state, first, _ = train_step(engine, RunState())
    _, second, _ = train_step(engine, state)
    assert first["policy/kl_ref"] == pytest.approx(0.0, abs=1e-7)
    assert second["policy/kl_ref"] > 1e-5


def test_ranks_share_all_groups(make_engine):
    engine = make_engine()
    batch = batch_of(engine)
    assert len(own_rows(engine, batch)) == len(batch)
