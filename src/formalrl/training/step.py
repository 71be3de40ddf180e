"""The training step, a straight line: prompts -> completions -> rewards -> advantages -> loss -> update -> metrics."""

import dataclasses
from collections.abc import Mapping
from typing import cast

import torch
from torch import Tensor

from formalrl.batch import Batch
from formalrl.ops.returns import explained_variance
from formalrl.regularizers import RewardTerm
from formalrl.training.annotate import annotate
from formalrl.training.collate import collate
from formalrl.training.curriculum import advance, level_of
from formalrl.training.engine import Engine, RunState
from formalrl.training.level_prompts import at_level, level_metrics
from formalrl.training.memory import plan_micro_batches
from formalrl.training.metrics import information_metrics, kl_metrics, rollout_metrics, speed_metrics
from formalrl.training.objective import k_of_step, towards_max_at_k
from formalrl.training.optimizer import learning_rate, set_learning_rate
from formalrl.training.rollouts import Rollouts
from formalrl.training.sampling_rounds import sample_rounds
from formalrl.training.stopwatch import Stopwatch
from formalrl.training.update import minibatches, update


def train_step(engine: Engine, state: RunState) -> tuple[RunState, dict[str, float], Rollouts]:
    """Run step `state.step` (from 0); return the state after it, its metrics and everything that was sampled."""
    config, clock = engine.config, Stopwatch()
    coefficients = _coefficients(engine, state)
    rate = learning_rate(config, state.step)
    set_learning_rate(engine.optimizer, rate)

    asked = at_level(engine, level_of(state.curriculum))
    rollouts, chosen, replay = sample_rounds(asked, state.step, state.replay, clock)
    metrics = rollout_metrics(rollouts) | level_metrics(asked, rollouts) | {"optimizer/learning_rate": rate}
    batch = collate(
        chosen,
        pad_token_id=engine.rule.pad_token_id,
        min_group_size=config.algorithm.min_group_size,
        truncation=config.truncation,
        truncation_penalty=config.truncation_penalty,
        decode=engine.decode if getattr(config.algorithm, "credit", None) == "steps" else None,
    )
    if batch is not None:
        size = state.micro_batch_size or plan_micro_batches(engine, batch)
        with clock("update"):
            batch = towards_max_at_k(annotate(engine, batch, size), k_of_step(config, state.step))
            batch = config.algorithm.advantages(batch, _penalty(engine, batch, coefficients))
            metrics |= kl_metrics(batch) | information_metrics(batch) | _value_metrics(batch)
            updated, size = _updates(engine, batch, coefficients, state.step, size)
        metrics |= updated
        state = dataclasses.replace(state, micro_batch_size=size)

    metrics |= {f"coef/{name}": value for name, value in coefficients.items()}
    controllers = {
        name: part.update(_controller(engine, state, name), metrics)
        for name, part in engine.active_regularizers.items()
    }
    level = advance(config.curriculum, len(engine.level_prompts), state.curriculum, metrics)
    metrics |= speed_metrics(engine, rollouts, clock)
    state = dataclasses.replace(state, step=state.step + 1, controllers=controllers, curriculum=level, replay=replay)
    return state, metrics, rollouts


def _controller(engine: Engine, state: RunState, name: str) -> Mapping[str, float]:
    return state.controllers.get(name) or engine.config.regularizers[name].initial_state()


def _coefficients(engine: Engine, state: RunState) -> dict[str, float]:
    """Return the coefficient of every active regularizer now."""
    progress = state.step / max(1, engine.config.max_steps - 1)
    return {
        name: part.coefficient(_controller(engine, state, name), min(1.0, progress))
        for name, part in engine.active_regularizers.items()
    }


def _in_reward(engine: Engine, name: str) -> bool:
    return getattr(engine.config.regularizers[name], "placement", "loss") == "reward"


def _penalty(engine: Engine, batch: Batch, coefficients: Mapping[str, float]) -> Tensor:
    """[B, T] what regularizers that are placed in the reward take off it; zeros when there is none."""
    penalty = torch.zeros_like(batch.old_logprobs)
    for name, coefficient in coefficients.items():
        if _in_reward(engine, name):
            part = cast(RewardTerm, engine.config.regularizers[name])
            penalty = penalty + coefficient * part.penalty(batch) * batch.mask
    return penalty


def _value_metrics(batch: Batch) -> dict[str, float]:
    if batch.old_values is None or batch.returns is None:
        return {}
    return {"value/explained_variance": float(explained_variance(batch.old_values, batch.returns, batch.mask))}


def _updates(
    engine: Engine, batch: Batch, coefficients: Mapping[str, float], step: int, size: int
) -> tuple[dict[str, float], int]:
    """Run the passes over the batch; return the means of the updates' metrics and the micro-batch size that fitted."""
    algorithm = engine.config.algorithm
    in_loss = {name: value for name, value in coefficients.items() if value and not _in_reward(engine, name)}
    sums: dict[str, float] = {}
    count, gap = 0, 0.0
    for epoch in range(algorithm.num_ppo_epochs):
        stop = False
        for minibatch in minibatches(engine, batch, step, epoch):
            done = update(engine, minibatch, in_loss, size)
            size, gap = done.micro_batch_size, gap if count else done.logprob_gap
            count += 1
            for name, value in done.metrics.items():
                sums[name] = sums.get(name, 0.0) + value
            if algorithm.target_kl is not None and done.metrics["policy/kl_old"] > algorithm.target_kl:
                stop = True
                break
        if stop:
            break
    means = {name: value / count for name, value in sums.items()}
    return means | {"optimizer/num_updates": float(count), "sampler/logprob_gap": gap}, size
