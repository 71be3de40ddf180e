"""Run by test_ranks under one or two processes: write the gradients of the first update to a file, on the main rank."""

import sys
from pathlib import Path

import torch

from formalrl.config import resolve
from formalrl.runtime import Runtime
from formalrl.training.annotate import annotate
from formalrl.training.build import build_engine, load
from formalrl.training.collate import collate
from formalrl.training.sampling_rounds import sample_rounds
from formalrl.training.stopwatch import Stopwatch
from formalrl.training.update import minibatches, update

COEFFICIENTS = {"batch_entropy": {"coef": 0.2}, "entropy": {"coef": 0.1}}


def main(task: str, algorithm: str, out: str) -> None:
    torch.set_num_threads(1)
    settings = {
        "algorithm": {"name": algorithm, "num_minibatches": 1},
        "regularizers": COEFFICIENTS | {"kl_cov": {"coef": 0.3, "fraction": 0.2}},
        "exploration": {"top_entropy": 0.7, "clip_cov": 0.1, "clip_cov_low": 0.0, "clip_cov_high": 100.0},
        "prompts_per_step": 7,
        "dynamic_sampling": True,
        "max_grad_norm": 0.0,
        "micro_batch_size": 5,
    }
    config = resolve({"task": {"name": task, "length": 2, "failing": True}}, settings)
    runtime, part = Runtime.start(), config.load_task()
    engine = build_engine(config, part, load(config, part, None, runtime.device), runtime, warm_started=False)
    _, chosen, _ = sample_rounds(engine, 0, {}, Stopwatch())
    batch = collate(chosen, pad_token_id=engine.rule.pad_token_id, min_group_size=2)
    batch = config.algorithm.advantages(annotate(engine, batch, 5), torch.zeros_like(batch.mask))
    batch = batch.replace(old_logprobs=batch.old_logprobs + 0.1 * batch.advantages)  # as after an update
    engine.optimizer.step = lambda: None
    (minibatch,) = minibatches(engine, batch, 0, 0)
    update(engine, minibatch, {"batch_entropy": 0.2, "entropy": 0.1, "kl_cov": 0.3}, 5)
    if runtime.is_main:
        gradients = {name: p.grad for name, p in engine.policy.named_parameters() if p.grad is not None}
        torch.save({"gradients": gradients, "ranks": runtime.num_ranks, "rows": len(batch)}, Path(out))


if __name__ == "__main__":
    main(*sys.argv[1:])
