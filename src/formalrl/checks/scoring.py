"""Where a reward that is checked is called: in workers that can be killed, or where training must call it too."""

from collections.abc import Callable
from typing import Any

from formalrl.checks.measure import LoadsTorch
from formalrl.checks.report import Finding
from formalrl.errors import ConfigError
from formalrl.rewards._pool import RewardPool, num_cores
from formalrl.rewards.call import RewardKey
from formalrl.rewards.classifier import ClassifierReward, classifier_of
from formalrl.rewards.scorers import InProcessScorer, Scorer
from formalrl.rewards.signature import RewardRow, declares
from formalrl.rewards.weighted import WeightedRewards
from formalrl.types import Prompt, Task

IMPORT_S = 60.0
"""Seconds that a call may take longer where it imports torch."""


def open_scorer_to_check(
    task: Task, function: Callable[..., Any], prompt: Prompt, *, workers: int | None, timeout_s: float,
    memory_gib: float | None,
) -> tuple[Scorer, Finding | None]:  # fmt: skip
    """Return what calls the reward, and what is to be said of torch in it; a probe on `prompt` tells.

    Rewards run in workers. A classifier, and a reward that declares `in_trainer` and needs torch or cannot be sent to
    a worker, is called in this process, as the trainer does.

    Raises ConfigError when the reward cannot be loaded, and ModelError for a classifier that is not there.
    """
    if (classifier := classifier_of(task)) is not None:
        return _classifier_scorer(classifier, task)
    stays = _stays(function)
    needs_torch: bool | None = None
    if stays:
        try:
            needs_torch = imports_torch(function, prompt, timeout_s)
        except ConfigError:  # it holds what cannot be sent
            return InProcessScorer(function), _in_trainer("cannot be sent to a worker")
        if needs_torch:
            return InProcessScorer(function), _in_trainer("imports torch")
    pool = RewardPool(function, workers=workers, timeout_s=timeout_s, memory_gib=memory_gib)
    pool.cache.max_entries = 0  # what is kept would be neither slow nor random
    return pool, None


def imports_torch(function: Callable[..., Any], prompt: Prompt, timeout_s: float) -> bool:
    """Return whether a call of the reward loads torch. Raises ConfigError when it cannot be sent to a worker."""
    with RewardPool(LoadsTorch(function), workers=1, timeout_s=timeout_s + IMPORT_S, memory_gib=None) as pool:
        return pool.score([RewardRow(prompt.text, "a", prompt.columns)], RewardKey())[0].reward == 1.0


def torch_in_workers(workers: int | None) -> Finding:
    """Return what is to be said of a reward that loads torch in every worker."""
    return Finding(
        "warning",
        "imports_torch",
        f"the reward imports torch, which each of the {workers or num_cores()} workers loads: seconds at the start and"
        " memory.",
        "Set `in_trainer = True` on it, so that the trainer calls it, or set reward_workers to 1.",
    )


def _stays(function: Any) -> bool:
    members = function.functions if isinstance(function, WeightedRewards) else [function]
    return all(declares(member, "in_trainer") for member in members)


def _classifier_scorer(classifier: ClassifierReward, task: Task) -> tuple[Scorer, Finding]:
    from formalrl.runtime import Runtime  # this loads torch, which other rewards need not wait for
    from formalrl.training.classifier_scorer import ClassifierScorer

    scorer = ClassifierScorer.load(classifier, Runtime.start().device, getattr(task, "is_correct", None))
    message = f"the reward needs torch and runs in the trainer. {scorer.describe()}"
    return scorer, Finding("note", "imports_torch", message, "No worker loads torch.")


def _in_trainer(why: str) -> Finding:
    return Finding(
        "note",
        "imports_torch" if "torch" in why else "runs_in_trainer",
        f"the reward {why} and declares in_trainer: it was called in this process, as the trainer does.",
        "No limit of time or memory holds there, so it must not hang.",
    )
