"""What a checkpoint of a run holds: the model, the optimizer, every random generator, and the state of the run."""

import json
import random
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch

from formalrl.errors import CheckpointError
from formalrl.models.save import save_pretrained
from formalrl.training.checkpoint import folder_of, remove_old, write_folder
from formalrl.training.engine import Engine, RunState

_STATE, _OPTIMIZER, _GENERATORS, _CONFIG = "run_state.json", "optimizer.pt", "generators.pt", "config.yaml"
BEST = "best"
"""Folder of the checkpoint with the best `metric_for_best_model`."""


def save_checkpoint(engine: Engine, state: RunState, run_dir: Path, *, best: bool = False) -> Path:
    """Write `checkpoint-<step>` (or `best`) of the run; all ranks call it, the main one writes.

    Raises:
        CheckpointError: on every rank, when the main one could not write.
    """
    folder = run_dir / BEST if best else folder_of(run_dir, state.step)
    problem = None
    if engine.runtime.is_main:
        try:
            write_folder(folder, lambda target: _write(engine, state, run_dir, target))
        except CheckpointError as error:
            problem = str(error)
        if problem is None and not best:
            remove_old(run_dir, engine.config.save_total_limit)
    problem = engine.runtime.from_main(problem)
    if problem is not None:
        raise CheckpointError(problem)
    return folder


def _write(engine: Engine, state: RunState, run_dir: Path, folder: Path) -> None:
    save_pretrained(engine.policy, engine.tokenizer, folder)
    torch.save(engine.optimizer.state_dict(), folder / _OPTIMIZER)
    generators = {"torch": torch.get_rng_state(), "numpy": np.random.get_state(), "python": random.getstate()}
    torch.save(generators, folder / _GENERATORS)
    (folder / _STATE).write_text(json.dumps(asdict(state), indent=1))
    (folder / _CONFIG).write_bytes((run_dir / _CONFIG).read_bytes())


def has_state(folder: Path) -> bool:
    """Return whether a folder is a checkpoint of a run."""
    return (folder / _STATE).is_file()


def read_state(folder: Path) -> RunState:
    """Return the state of the run in a checkpoint folder."""
    return RunState(**json.loads((folder / _STATE).read_text()))


def restore(engine: Engine, folder: Path) -> None:
    """Load optimizer and random generators; the policy was loaded from the same folder."""
    engine.optimizer.load_state_dict(
        torch.load(folder / _OPTIMIZER, map_location=engine.runtime.device, weights_only=True)
    )
    generators = torch.load(folder / _GENERATORS, weights_only=False)
    torch.set_rng_state(generators["torch"])
    np.random.set_state(generators["numpy"])
    random.setstate(generators["python"])
