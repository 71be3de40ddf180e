"""formalrl from Python: train, evaluate and sample. The command line calls the same functions."""

import json
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from formalrl.config import TrainConfig, resolve
from formalrl.experiments.report import write_model_card, write_report
from formalrl.training.checkpoint import folder_of
from formalrl.training.publish import publish
from formalrl.training.reopen import evaluate_folder, sample_folder
from formalrl.training.run import prepare_run, run_sft_only, run_training
from formalrl.training.startup import TOLERANCE, architecture_gaps

__all__ = ["Run", "doctor_checks", "evaluate_folder", "sample_folder", "train", "warm_start"]

OnEvent = Callable[[str, Mapping[str, Any]], None]


@dataclass(frozen=True)
class Run:
    """A finished run: where its files are and what it learned."""

    output_dir: Path
    summary: Mapping[str, Any] = field(default_factory=dict)
    """The last evaluation, and `first`, the one before training."""

    def metrics(self) -> list[dict[str, Any]]:
        """Return a dict a step, as in metrics.jsonl."""
        return _rows(self.output_dir / "metrics.jsonl")

    def evals(self) -> list[dict[str, Any]]:
        """Return a dict an evaluation, as in eval.jsonl."""
        return _rows(self.output_dir / "eval.jsonl")


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def train(
    task: Any = None,
    config: TrainConfig | None = None,
    *,
    resume: bool = False,
    on_event: OnEvent | None = None,
    **overrides: Any,
) -> Run:
    """Train a policy on a task and return the finished run.

    Example: `formalrl.train("arithmetic", max_steps=50)`, or with functions of your own
    `formalrl.train((prompts, reward), model_name_or_path="gpt2", max_completion_length=8)`.

    Args:
        task: a name, `file.py[:name]`, a task object, or `(prompts, reward)`; None takes the configuration's.
        config: all settings; None takes the task's defaults.
        resume: continue the run in `output_dir` from its newest whole checkpoint.
        on_event: told of every phase, step, evaluation, checkpoint and note.
        overrides: settings that replace those of `config`; sections as mappings (`algorithm={"name": "ppo"}`).

    Raises:
        FormalRLError: settings, task, model or folder that cannot be used; says what to do.
    """
    settings = _settings(task, config, overrides)
    listen = on_event or (lambda kind, payload: None)
    prepared = prepare_run(settings, resume=resume, on_event=listen)
    with closing(prepared.engine.scorer):
        summary = run_training(prepared)
    if prepared.runtime.is_main:
        listen("phase", {"name": "report"})
        write_report(prepared.run_dir)
        write_model_card(prepared.run_dir)
        if settings.push_to_hub:
            path = folder_of(prepared.run_dir, settings.max_steps)
            url = publish(path, prepared.run_dir / "README.md", settings.hub_model_id or prepared.run_dir.name)
            listen("note", {"text": f"Uploaded to {url}."})
    listen("done", summary)
    return Run(prepared.run_dir, summary)


def warm_start(
    task: Any = None, config: TrainConfig | None = None, *, on_event: OnEvent | None = None, **overrides: Any
) -> Run:
    """Do only the supervised warm start; `checkpoint-0` of the run folder holds the model."""
    settings = _settings(task, config, {"sft": True, **overrides})
    listen = on_event or (lambda kind, payload: None)
    prepared = prepare_run(settings, resume=False, on_event=listen)
    with closing(prepared.engine.scorer):
        summary = run_sft_only(prepared)
    listen("done", summary)
    return Run(prepared.run_dir, summary)


def _settings(task: Any, config: TrainConfig | None, overrides: Mapping[str, Any]) -> TrainConfig:
    named = {} if task is None else {"task": _user_task(task)}
    if config is None:
        return resolve(named, overrides)
    return config.replace(**named, **overrides) if named or overrides else config


def _user_task(task: Any) -> Any:
    """Turn `(prompts, reward)` into a task; leave the rest to the configuration."""
    if isinstance(task, tuple):
        from formalrl.tasks.load import load_task

        return load_task(task)
    return task


def doctor_checks() -> list[dict[str, Any]]:
    """Return one check an architecture: do sampling and scoring agree on this machine?"""
    return [
        {
            "name": f"scored = sampled, {architecture}",
            "status": "ok" if gap <= TOLERANCE else "failed",
            "detail": f"largest difference {gap:.1e} nats",
        }
        for architecture, gap in architecture_gaps().items()
    ]
