"""A run from its folder to its last checkpoint: prepare (or resume), warm start, train."""

import random
from collections.abc import Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from formalrl.config import TrainConfig
from formalrl.errors import CheckpointError, FormalRLError
from formalrl.runtime import Runtime
from formalrl.training.build import (
    LoadedModel,
    build_engine,
    check_run,
    load,
    make_scorer,
    wants_warm_start,
    warm_start,
)
from formalrl.training.checkpoint import fault, newest_whole, write_folder
from formalrl.training.classifier_scorer import ClassifierScorer
from formalrl.training.engine import Engine, RunState
from formalrl.training.logging import append, cut_after
from formalrl.training.loop import Journal, OnEvent, evaluate_and_log, run_steps
from formalrl.training.run_folder import default_folder, open_run_folder
from formalrl.training.saving import read_state, restore, save_checkpoint
from formalrl.training.startup import check_logprob_gap
from formalrl.types import Task

_REFERENCE = "reference"


@dataclass(frozen=True)
class PreparedRun:
    """A run whose parts are loaded and checked."""

    engine: Engine
    state: RunState
    journal: Journal

    @property
    def run_dir(self) -> Path:
        """The folder of the run."""
        return self.journal.run_dir

    @property
    def runtime(self) -> Runtime:
        """Devices and ranks."""
        return self.engine.runtime


def prepare_run(config: TrainConfig, *, resume: bool, on_event: OnEvent) -> PreparedRun:
    """Check everything, open the folder, load the model (of the newest whole checkpoint, on resume), warm-start it."""
    runtime = Runtime.start(config.mixed_precision)
    task = config.load_task()
    check_run(config, task, runtime)
    warm = wants_warm_start(config, task)
    run_dir = _folder(config, runtime, resume=resume)
    tell = on_event if runtime.is_main else _silent
    checkpoint = _checkpoint(run_dir, runtime, tell) if resume else None
    state = RunState() if checkpoint is None else read_state(checkpoint)
    if runtime.is_main and resume:
        cut_after(run_dir, state.step if state.evaluated else -1)
    _seed_everything(config.seed)
    tell("phase", {"name": "load"})
    with ExitStack() as on_failure:  # what is wrong with the reward is said before the model loads
        scorer = on_failure.enter_context(closing(make_scorer(config, task, runtime)))
        loaded = load(config, task, checkpoint, runtime.device)
        if warm and checkpoint is None:
            tell("phase", {"name": "warm_start"})
            _warm_start(config, task, loaded, runtime, run_dir, tell)
        engine = build_engine(config, task, loaded, runtime, warm_started=warm, checkpoint=checkpoint, scorer=scorer)
        check_logprob_gap(engine)
        if isinstance(scorer, ClassifierScorer):
            tell("note", {"text": scorer.describe()})
        if checkpoint is not None:
            restore(engine, checkpoint)
        _keep_reference(engine, run_dir, known=checkpoint is not None)
        on_failure.pop_all()
    return PreparedRun(engine, state, Journal.open(engine, run_dir, tell))


def run_training(prepared: PreparedRun) -> dict[str, Any]:
    """Train to the end and return the summary: the last evaluation, the first one and where things are."""
    prepared.journal.tell("phase", {"name": "train"})
    state = run_steps(prepared.engine, prepared.state, prepared.journal)
    evals = prepared.journal.evals
    return {
        **evals[-1],
        "first": evals[0],
        "best_step": state.best_step,
        "best_value": state.best_value,
        "output_dir": str(prepared.run_dir),
    }


def run_sft_only(prepared: PreparedRun) -> dict[str, Any]:
    """Evaluate the warm-started policy, keep it as `checkpoint-0`, and return the evaluation."""
    engine, journal = prepared.engine, prepared.journal
    state, _ = evaluate_and_log(engine, prepared.state, journal, None)
    save_checkpoint(engine, state, prepared.run_dir)
    return {**journal.evals[-1], "output_dir": str(prepared.run_dir)}


def _folder(config: TrainConfig, runtime: Runtime, *, resume: bool) -> Path:
    """Open the run folder on the main rank; every rank gets its path, or the same error."""
    found: Path | None = None
    problem: FormalRLError | None = None
    if runtime.is_main:
        try:
            found = Path(config.output_dir) if config.output_dir else default_folder(config)
            open_run_folder(config, found, resume=resume)
        except FormalRLError as error:
            problem = error
    found, problem = runtime.from_main((found, problem))
    if problem is not None:
        raise problem
    assert found is not None, "without a problem there is a folder"
    return found


def _checkpoint(run_dir: Path, runtime: Runtime, tell: OnEvent) -> Path | None:
    path, notes = runtime.from_main(newest_whole(run_dir) if runtime.is_main else None)
    for note in notes:
        tell("note", {"text": note})
    tell("note", {"text": f"Continuing from {path.name}." if path else "No whole checkpoint yet: starting anew."})
    return path


def _seed_everything(seed: int) -> None:
    """Seed the global generators; sampling noise, prompts and minibatches have keys of their own."""
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def _warm_start(
    config: TrainConfig, task: Task, loaded: LoadedModel, runtime: Runtime, run_dir: Path, tell: OnEvent
) -> None:
    batch = config.warm_start
    num_steps = -(-batch.num_examples // batch.batch_size) * batch.num_epochs

    def on_step(metrics: Mapping[str, float]) -> None:
        if runtime.is_main:
            append(run_dir / "sft.jsonl", [metrics])
        tell("sft_step", {**metrics, "num_steps": num_steps})

    warm_start(config, task, loaded, runtime, on_step)


def _keep_reference(engine: Engine, run_dir: Path, *, known: bool) -> None:
    """Save the reference once; a resumed run takes the one it began with."""
    if engine.reference is None:
        return
    folder = run_dir / _REFERENCE
    if known:
        problem = fault(folder)
        if problem is not None:
            raise CheckpointError(
                f"{folder} holds the policy that KL is measured against, but it is damaged: {problem}: copy it back, "
                "or train anew in another output_dir."
            )
        engine.reference.load_state_dict(torch.load(folder / "state.pt", map_location="cpu", weights_only=True))
    elif engine.runtime.is_main:
        state = engine.reference.state_dict()
        write_folder(folder, lambda target: torch.save(state, target / "state.pt"))


def _silent(kind: str, payload: Mapping[str, Any]) -> None:
    """Listen to nothing, on ranks other than the main one."""
