"""A tiny engine on the toy task."""

from pathlib import Path

import pytest
import torch

TOY = str(Path(__file__).parents[1] / "toy_task.py")


@pytest.fixture
def make_engine():
    """Return a function from settings to an engine (one thread, no files)."""
    from formalrl.config import resolve
    from formalrl.runtime import Runtime
    from formalrl.training.build import build_engine, load

    torch.set_num_threads(1)

    def make(**settings):
        task = {"name": TOY, **settings.pop("task", {})}
        config = resolve({"task": task}, settings)
        runtime = Runtime.start(config.mixed_precision)
        part = config.load_task()
        loaded = load(config, part, None, runtime.device)
        return build_engine(config, part, loaded, runtime, warm_started=False)

    return make
