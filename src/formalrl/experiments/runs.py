"""Read a run folder: of a finished run, one in progress, one that was killed; missing files are empty."""

import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from formalrl.errors import ConfigError

CONFIG, METRICS, EVALS, SAMPLES, SFT = "config.yaml", "metrics.jsonl", "eval.jsonl", "samples.jsonl", "sft.jsonl"
MAX_SAMPLES_A_STEP = 64
MAX_ERROR_SAMPLES = 3
"""Of each kind of error, this many samples are kept."""
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Samples:
    """Completions of a run; of the steps between the first and the last only the middle one, and the failed ones."""

    first_step: int | None = None
    last_step: int | None = None
    before: tuple[Row, ...] = ()
    """Rows of the first step (0: after the warm start, before reinforcement learning)."""
    after: tuple[Row, ...] = ()
    """Rows of the last step; empty while there is only one."""
    middle_step: int | None = None
    middle: tuple[Row, ...] = ()
    """Rows of the evaluation nearest to half of the way; empty where none lies between the first and the last."""
    errors: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    """Error kind -> the first rows that have it."""
    error_counts: Mapping[str, int] = field(default_factory=dict)
    """Error kind -> how many logged completions have it."""

    def pairs(self) -> list[tuple[Row | None, Row]]:
        """Return (before, after) for every prompt of the last step, before is None where the first step lacks it."""
        earlier = {_prompt_key(row): row for row in reversed(self.before)}
        if not self.after:
            return [(row, row) for row in self.before]
        return [(earlier.get(_prompt_key(row)), row) for row in self.after]

    def halfway(self, row: Row) -> Row | None:
        """Return the middle step's row of the same prompt, None where there is none."""
        return next((other for other in self.middle if _prompt_key(other) == _prompt_key(row)), None)


@dataclass(frozen=True)
class RunFolder:
    """Everything that the report needs of a run."""

    path: Path
    config: Mapping[str, Any]
    """The resolved configuration, nested as in config.yaml; empty when there is none."""
    facts: Mapping[str, str]
    """Where it ran: versions, commit, device, command."""
    metrics: tuple[Row, ...]
    """Rows of metrics.jsonl by step, one a step."""
    evals: tuple[Row, ...]
    """Rows of eval.jsonl by step, one a step."""
    sft: tuple[Row, ...]
    """Rows of sft.jsonl in order."""
    samples: Samples
    notes: tuple[str, ...] = ()
    """What was wrong with the files, for people."""

    @property
    def last_step(self) -> int:
        """The last step with metrics or an evaluation; 0 when there is none."""
        return max([int(row["step"]) for row in (*self.metrics[-1:], *self.evals[-1:])], default=0)

    @property
    def last_eval(self) -> Row:
        """The last evaluation; empty when there is none."""
        return self.evals[-1] if self.evals else {}

    @property
    def task_name(self) -> str:
        """The task's name as the configuration has it, else the name of the folder above."""
        task = self.config.get("task")
        name = task.get("name") if isinstance(task, Mapping) else task
        return str(name or self.path.resolve().parent.name)


def read_run(path: str | Path) -> RunFolder:
    """Read the run folder at `path`. Raises ConfigError when there is no run."""
    folder = Path(path).expanduser()
    if not folder.is_dir():
        what = "is a file" if folder.exists() else "does not exist"
        raise ConfigError(f"run folder {str(path)!r} {what}: name a folder that `formalrl train --output-dir` made.")
    if not any((folder / name).is_file() for name in (CONFIG, METRICS, EVALS)):
        raise ConfigError(
            f"{str(path)!r} holds no run (no {CONFIG}, {METRICS} or {EVALS}): name a folder that "
            "`formalrl train --output-dir` made, not one above it or a checkpoint in it."
        )
    notes: list[str] = []
    config, facts = _read_config(folder / CONFIG, notes)
    evals = tuple(_by_step(read_rows(folder / EVALS, notes)))
    return RunFolder(
        path=folder,
        config=config,
        facts=facts,
        metrics=tuple(_by_step(read_rows(folder / METRICS, notes))),
        evals=evals,
        sft=tuple(read_rows(folder / SFT, notes)),
        samples=_read_samples(folder / SAMPLES, notes, _middle_step([int(row["step"]) for row in evals])),
        notes=tuple(notes),
    )


def read_rows(path: Path, notes: list[str]) -> Iterator[dict[str, Any]]:
    """Yield the JSON objects of a JSONL file; none when it does not exist.

    A torn last line (the run goes on, or was killed) is left out silently; other unreadable lines go into `notes`.
    """
    if not path.is_file():
        return
    unreadable = 0
    with path.open(encoding="utf-8", errors="replace", newline="\n") as file:
        for line in file:
            row = _parse(line)
            if row is not None:
                yield row
            elif line.strip() and line.endswith("\n"):
                unreadable += 1
    if unreadable:
        notes.append(f"{path.name}: {unreadable} unreadable line{'s' * (unreadable > 1)} left out")


def _parse(line: str) -> dict[str, Any] | None:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) else None


def _step_of(row: Row) -> int | None:
    step = row.get("step")
    if isinstance(step, int | float) and not isinstance(step, bool) and math.isfinite(step):
        return int(step)
    return None


def _by_step(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return one row a step, the last one of each, in order of the steps."""
    found = {step: row for row in rows if (step := _step_of(row)) is not None}
    return [found[step] for step in sorted(found)]


def _read_config(path: Path, notes: list[str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the settings, and the facts that stand in comments (`# device: cpu`)."""
    if not path.is_file():
        notes.append(f"{CONFIG} is missing, so the settings are unknown")
        return {}, {}
    text = path.read_text(encoding="utf-8", errors="replace")
    comments = [line.lstrip("# ").partition(":") for line in text.splitlines() if line.startswith("#")]
    facts = {name.strip(): value.strip() for name, colon, value in comments if colon and value.strip()}
    try:
        config = yaml.safe_load(text)
    except yaml.YAMLError as error:
        notes.append(f"{CONFIG} cannot be read: {' '.join(str(error).split())}")
        config = {}
    return (config if isinstance(config, dict) else {}), facts


def _middle_step(steps: Sequence[int]) -> int | None:
    """Return the step nearest to half of the last one, of those between the first and the last."""
    return min(steps[1:-1], key=lambda step: abs(2 * step - steps[-1]), default=None)


def _read_samples(path: Path, notes: list[str], middle: int | None) -> Samples:
    """Read samples.jsonl in one pass, keeping the first, the middle and the last step and a few failures."""
    blocks: dict[str, dict[int, list[Row]]] = {"eval": {}, "train": {}}
    errors: dict[str, list[Row]] = {}
    counts: Counter[str] = Counter()
    previous: dict[str, int] = {}
    for row in read_rows(path, notes):
        step, split, error = _step_of(row), str(row.get("split", "eval")), row.get("error")
        if step is None or split not in blocks:
            continue
        if error:
            counts[str(error)] += 1
            if len(errors.setdefault(str(error), [])) < MAX_ERROR_SAMPLES:
                errors[str(error)].append(row)
        if step != previous.get(split):
            _start_block(blocks[split], step, middle)
            previous[split] = step
        if len(blocks[split][step]) < MAX_SAMPLES_A_STEP:
            blocks[split][step].append(row)
    shown = blocks["eval"] or blocks["train"]
    steps = sorted(shown)
    return Samples(
        first_step=steps[0] if steps else None,
        last_step=steps[-1] if steps else None,
        before=tuple(shown[steps[0]]) if steps else (),
        after=tuple(shown[steps[-1]]) if len(steps) > 1 else (),
        middle_step=middle if middle in steps[1:-1] else None,
        middle=tuple(shown[middle]) if middle is not None and middle in steps[1:-1] else (),
        errors={kind: tuple(rows) for kind, rows in errors.items()},
        error_counts=dict(counts),
    )


def _start_block(blocks: dict[int, list[Row]], step: int, middle: int | None) -> None:
    """Begin the rows of a step, replacing what was written before a resume; keep first, middle, last step and this."""
    blocks[step] = []
    for other in set(blocks) - {min(blocks), max(blocks), step, middle}:
        del blocks[other]


def _prompt_key(row: Row) -> str:
    return json.dumps(row.get("prompt"), sort_keys=True, default=repr)


def undocumented_metrics(names: Iterable[str], documentation: str) -> list[str]:
    """Return the names that the Markdown text of `docs/metrics.md` does not list, sorted.

    A name is listed when it stands in backticks; `<...>` in a listed name stands for any rest (`coef/<regularizer>`).
    """
    listed = set(documentation.split("`")[1::2])
    prefixes = tuple(name.partition("<")[0] for name in listed if "<" in name and not name.startswith("<"))
    return sorted(name for name in set(names) if name not in listed and not name.startswith(prefixes))
