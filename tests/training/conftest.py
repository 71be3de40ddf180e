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


@pytest.fixture
def make_rollouts():
    """Return a function from rewards by group to rollouts: `make_rollouts([[1.0, None], [0.5]])`; None = failed."""
    from formalrl.sampling import Samples
    from formalrl.training.rollouts import Rollouts
    from formalrl.types import Completion, Prompt, Score

    def make(groups, *, lengths=None, unfinished=(), kept=None):
        rewards = [reward for group in groups for reward in group]
        lengths = lengths or [1] * len(rewards)
        mask = (torch.arange(max(lengths)) < torch.tensor(lengths).unsqueeze(1)).float()
        ids = (torch.arange(len(rewards)).unsqueeze(1) + 10 * torch.arange(1, max(lengths) + 1)) * mask.long()
        finished = torch.tensor([row not in unfinished for row in range(len(rewards))])
        texts = [f"answer {row}" for row in range(len(rewards))]
        return Rollouts(
            prompts=[Prompt(f"prompt {number}") for number in range(len(groups))],
            prompt_ids=[list(range(1, number + 2)) for number in range(len(groups))],
            prompt_index=torch.arange(len(groups)).repeat_interleave(torch.tensor([len(group) for group in groups])),
            samples=Samples(ids, mask, -0.5 * torch.ones_like(mask) * mask, finished, kept),
            completions=[Completion(text, (row,), row not in unfinished) for row, text in enumerate(texts)],
            scores=[Score(r) if r is not None else Score(None, "exception") for r in rewards],
            correct=[None if reward is None else reward == 1.0 for reward in rewards],
        )

    return make
