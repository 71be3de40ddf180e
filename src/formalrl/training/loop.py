"""The loop of a run: steps, evaluations, checkpoints, and the files that they leave."""

import dataclasses
import gc
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from formalrl.diagnostics.alarms import alarms
from formalrl.diagnostics.baselines import AnswerTable, answer_table
from formalrl.errors import RewardError
from formalrl.training.engine import Engine, RunState
from formalrl.training.evaluate import Evaluation, evaluate, failed_rows, sample_rows, score_rows
from formalrl.training.interrupt import Interrupt, graceful_interrupt
from formalrl.training.logging import append, read_rows
from formalrl.training.rollouts import Rollouts
from formalrl.training.saving import save_checkpoint
from formalrl.training.step import train_step
from formalrl.training.trackers import Tracker, open_trackers

_MAX_REASON = 200
"""Characters of an exception that a message repeats."""
OnEvent = Callable[[str, Mapping[str, Any]], None]
"""Told of every phase, step, evaluation, checkpoint and note of a run."""


@dataclasses.dataclass
class Journal:
    """Writes the files of a run folder and tells the listener; only the main rank does either."""

    engine: Engine
    run_dir: Path
    on_event: OnEvent
    trackers: Sequence[Tracker] = ()
    metrics: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    evals: list[dict[str, Any]] = dataclasses.field(default_factory=list)

    @classmethod
    def open(cls, engine: Engine, run_dir: Path, on_event: OnEvent) -> "Journal":
        """Return a journal that goes on where the files of the folder end."""
        trackers = open_trackers(engine.config, run_dir) if engine.runtime.is_main else ()
        return cls(
            engine, run_dir, on_event, trackers, read_rows(run_dir / "metrics.jsonl"), read_rows(run_dir / "eval.jsonl")
        )

    def tell(self, kind: str, payload: Mapping[str, Any]) -> None:
        """Tell the listener."""
        if self.engine.runtime.is_main:
            self.on_event(kind, payload)

    def step(self, step: int, metrics: Mapping[str, float], rollouts: Rollouts) -> None:
        """Log a step."""
        row = {"step": step, **metrics}
        self.metrics.append(row)
        if not self.engine.runtime.is_main:
            return
        append(self.run_dir / "metrics.jsonl", [row])
        for tracker in self.trackers:
            tracker.log(metrics, step)
        failed = failed_rows(rollouts, step, self.engine.config.num_logged_samples)
        append(self.run_dir / "samples.jsonl", failed)
        self.on_event("step", row | {"max_steps": self.engine.config.max_steps})

    def evaluation(self, evaluation: Evaluation, step: int) -> None:
        """Log an evaluation with samples."""
        self.evals.append(evaluation.row)
        if not self.engine.runtime.is_main:
            return
        rows = sample_rows(evaluation.rollouts, step, "eval", self.engine.config.num_logged_samples)
        append(self.run_dir / "samples.jsonl", rows)
        append(self.run_dir / "eval.jsonl", [evaluation.row])
        for tracker in self.trackers:
            tracker.log({f"eval/{k}": v for k, v in evaluation.row.items() if isinstance(v, int | float)}, step)
        self.on_event("eval", evaluation.row)


def run_steps(engine: Engine, state: RunState, journal: Journal) -> RunState:
    """Train from `state` to `max_steps`; return the last state.

    Raises:
        RewardError: more than `max_reward_error_rate` of a step's reward calls failed; a checkpoint was written.
        KeyboardInterrupt: somebody asked to stop; a checkpoint was written.
    """
    gc.collect()
    gc.freeze()  # what lives as long as the run is not searched for garbage: a third of the time of quick steps
    table = _table_of(engine, state)
    if not state.evaluated:
        state, table = evaluate_and_log(engine, state, journal, table)
        if engine.warm_started:
            save_checkpoint(engine, state, journal.run_dir)
    with graceful_interrupt() as interrupt:
        while state.step < engine.config.max_steps:
            state, metrics, rollouts = train_step(engine, state)
            journal.step(state.step, metrics, rollouts)
            stop = _reason_to_stop(engine, metrics, rollouts, interrupt)
            last = state.step == engine.config.max_steps
            if last or _due(state.step, engine.config.eval_steps):
                state, table = evaluate_and_log(engine, state, journal, table)
            if last or stop or _due(state.step, engine.config.save_steps):
                path = save_checkpoint(engine, state, journal.run_dir)
                journal.tell("checkpoint", {"path": str(path), "step": state.step})
            if stop:
                raise stop
    return state


def _due(step: int, every: int) -> bool:
    return every > 0 and step % every == 0


def _reason_to_stop(
    engine: Engine, metrics: Mapping[str, float], rollouts: Rollouts, interrupt: Interrupt
) -> BaseException | None:
    """Return what to raise after the step, agreed over ranks."""
    if metrics["reward/error_rate"] > engine.config.max_reward_error_rate:
        kinds = {
            name.rpartition("/")[2]: rate for name, rate in metrics.items() if name.startswith("reward/error_rate/")
        }
        return RewardError(
            f"{metrics['reward/error_rate']:.0%} of the reward calls of this step failed ({_percentages(kinds)}; the "
            f"first: {_first_failure(rollouts)}), and max_reward_error_rate is "
            f"{engine.config.max_reward_error_rate:.0%}: mend the reward (samples.jsonl has the tracebacks) and "
            "continue with --resume."
        )
    if any(engine.runtime.gather([interrupt.requested])):
        return KeyboardInterrupt()
    return None


def _first_failure(rollouts: Rollouts) -> str:
    """Return the last line of what the first failed scorer left behind: of a traceback, the exception."""
    lines = next((score.detail for score in rollouts.scores if score.error), "").split("\n")
    last = next((line.strip() for line in reversed(lines) if line.strip()), "no detail")
    return last[:_MAX_REASON]


def _percentages(kinds: Mapping[str, float]) -> str:
    return ", ".join(f"{kind} {rate:.0%}" for kind, rate in sorted(kinds.items()))


def evaluate_and_log(
    engine: Engine, state: RunState, journal: Journal, table: AnswerTable | None
) -> tuple[RunState, AnswerTable | None]:
    """Evaluate and log; keep the policy as `best` when it is the best so far. Returns state and answer table."""
    found = evaluate(engine, state.step, table, state.first_entropy)
    first = state.first_entropy if state.evaluated else found.row["entropy"]
    answers = found.table.answers if found.table else ()
    state = dataclasses.replace(state, first_entropy=first, table_answers=list(answers), evaluated=True)
    journal.evaluation(found, state.step)
    for text in alarms(journal.metrics, journal.evals):
        journal.tell("note", {"text": str(text), "step": state.step})
    value = found.row.get(engine.config.metric_for_best_model)
    if value is not None and state.step > 0 and (state.best_value is None or value > state.best_value):
        state = dataclasses.replace(state, best_value=value, best_step=state.step)
        save_checkpoint(engine, state, journal.run_dir, best=True)
    return state, found.table


def _table_of(engine: Engine, state: RunState) -> AnswerTable | None:
    """Return the answer table as it was when the checkpoint was written."""
    if not state.table_answers:
        return None
    listed = getattr(engine.task, "answers", None)
    complete = bool(listed and (all_answers := listed()) and list(dict.fromkeys(all_answers)) == state.table_answers)
    return answer_table(engine.eval_prompts, state.table_answers, complete, lambda rows: score_rows(engine, rows))
