"""How the runs of a sweep stand, read from their folders; the command that starts or continues one."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from formalrl.config import TrainConfig, load_config, to_yaml
from formalrl.errors import ConfigError
from formalrl.experiments.runs import CONFIG, EVALS, METRICS, read_rows
from formalrl.experiments.sweep import SweepRun

WAITING, RUNNING, DONE, FAILED, STOPPED = "waiting", "running", "done", "failed", "stopped"
LOGS, SETTINGS = "logs", "settings"
"""Folders of a sweep: what each run printed, and the configuration that each is started with."""
NUM_LOG_LINES = 5
_LAST_WRITTEN = "README.md"
"""The file of a run folder that is written last."""
_TAIL = 65536


@dataclass
class RunStatus:
    """A run of a sweep and how it stands; the schedule moves it on."""

    run: SweepRun
    config: TrainConfig
    root: Path
    """The sweep's folder."""
    state: str = WAITING
    code: int | None = None
    """Exit code of the process that failed or was stopped."""
    started: float | None = None
    """Time on the schedule's clock."""
    seconds: float = 0.0
    """That the process ran, this time."""
    row: Mapping[str, Any] = field(default_factory=dict)
    """The last step's metrics."""
    evaluation: Mapping[str, Any] = field(default_factory=dict)
    """The last evaluation."""

    @property
    def log(self) -> Path:
        """What the run printed."""
        return self.root / LOGS / f"{self.run.label}.log"

    @property
    def settings(self) -> Path:
        """The configuration that the run is started with."""
        return self.root / SETTINGS / f"{self.run.label}.yaml"

    @property
    def step(self) -> int:
        """The last step that is logged."""
        return max(int(row.get("step", 0)) for row in (self.row, self.evaluation))

    def refresh(self) -> None:
        """Read the last step and the last evaluation again."""
        self.row = last_row(self.run.folder / METRICS)
        self.evaluation = last_row(self.run.folder / EVALS)

    def last_lines(self) -> list[str]:
        """Return the last lines that the run printed."""
        try:
            text = self.log.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return []
        return [line for line in text[-_TAIL:].splitlines() if line.strip()][-NUM_LOG_LINES:]


def is_finished(folder: Path, config: TrainConfig) -> bool:
    """Return whether the run in a folder trained to its end and wrote its report."""
    return (folder / _LAST_WRITTEN).is_file() and last_row(folder / EVALS).get("step", -1) >= config.max_steps


def last_row(path: Path) -> dict[str, Any]:
    """Return the last whole row of a JSONL file, an empty one where there is none."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _TAIL))
            lines = file.read().splitlines()
    except FileNotFoundError:
        return {}
    for line in reversed(lines):
        try:
            row = json.loads(line)
        except ValueError:
            continue  # torn, as the run is writing it
        if isinstance(row, dict):
            return row
    return {}


def train_seconds(folder: Path) -> float:
    """Return the seconds that the steps of a run took."""
    return sum(float(row.get("time/step_s") or 0.0) for row in read_rows(folder / METRICS, []))


def arguments_of(status: RunStatus) -> list[str]:
    """Return the arguments of `formalrl` that start the run, or continue it where its folder holds one.

    A configuration that was torn while it was written is written again.
    """
    folder = status.run.folder
    arguments = ["train", "--config", str(status.settings), "--output-dir", str(folder)]
    if not (folder / CONFIG).is_file():
        return arguments
    try:
        load_config(folder / CONFIG)
    except ConfigError:
        (folder / CONFIG).write_text(to_yaml(status.config), encoding="utf-8")
    return [*arguments, "--resume"]
