"""`formalrl sweep`: many settings times seeds, each a run of its own, and what they come to."""

import os
import shlex
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import yaml

from formalrl.cli.help import Command, show_help
from formalrl.cli.output import Outcome, progress, results
from formalrl.cli.sweep_display import make_display
from formalrl.cli.sweep_request import SweepOptions, SweepRequest, read_sweep_request
from formalrl.cli.sweep_screens import show_plan, show_sweep
from formalrl.config import to_dict, to_yaml
from formalrl.errors import ConfigError
from formalrl.experiments.launch import Launcher, LocalLauncher, num_cores, sweep_lock
from formalrl.experiments.schedule import carry_out, stop_on_signals
from formalrl.experiments.sweep import SWEEP, Sweep, configurations, grown, read_sweep
from formalrl.experiments.sweep_runs import DONE, FAILED, LOGS, SETTINGS, RunStatus
from formalrl.experiments.sweep_summary import summarize, write_summary

__all__ = ["COMMAND", "SweepOptions", "run", "run_sweep"]

COMMAND = Command(
    "sweep",
    "FILE|TASK [--grid KEY=V1,V2 ...] [OPTIONS]",
    "Train every combination of settings with several seeds, as many runs at once as the machine holds, and compare"
    " the settings with intervals over their seeds.",
    (
        "sweep arithmetic --grid regularizers.entropy.coef=0,0.1,0.3 --seeds 5 --max-steps 100",
        "sweep arithmetic --grid algorithm=ppo,grpo learning_rate=1e-3,3e-4 --seeds 0,3,7 --jobs 2",
        "sweep plane.yaml --launcher ray",
        "sweep runs/arithmetic/sweep-entropy.coef",
    ),
    "Each run is an ordinary run folder. The same command again continues: finished runs stay, broken ones go on from"
    " their newest checkpoint. A failed run stops no other. FILE is a YAML file of settings with `grid:`, `runs:` and"
    " `seeds:`, or the folder of a sweep; any option of `formalrl train TASK` is a setting that all runs share. Exit"
    " code 1 when a run failed.",
)


def run(arguments: Sequence[str]) -> Outcome:
    """Run the command."""
    request = read_sweep_request(arguments)
    if request.sweep is None:
        return Outcome(lambda: show_help(results(), COMMAND, request.options))
    if request.command["dry_run"]:
        return _dry_run(request, request.sweep)
    return _carry_out(request, request.sweep)


def run_sweep(sweep: Sweep, root: Path, jobs: int | None = None) -> Outcome:
    """Carry out a sweep on this machine, or continue the one in its folder, as the command does. Raises ConfigError.

    Args:
        sweep: its definition.
        root: its folder.
        jobs: runs at once; None: one a core, fewer while memory is short.
    """
    command = {"jobs": jobs, "launcher": "local", "gpus_per_run": 0.0, "json": False}
    return _carry_out(SweepRequest(sweep, root, configurations(sweep, root), command, ()), sweep)


def _dry_run(request: SweepRequest, sweep: Sweep) -> Outcome:
    runs = [{"run": run.name, "folder": str(run.folder), "settings": to_dict(config)} for run, config in request.runs]
    data = {"output_dir": str(request.root), "sweep": sweep.to_plain(), "runs": runs}
    return Outcome(lambda: show_plan(results(), request.root, sweep), data if request.command["json"] else None)


def _carry_out(request: SweepRequest, sweep: Sweep) -> Outcome:
    root = request.root
    if (asked := request.command["jobs"]) is not None and asked < 1:
        raise ConfigError(f"jobs is {asked}, so no run could start: set --jobs to 1 or more.")
    jobs = min(request.command["jobs"] or num_cores(), len(request.runs))
    is_ray = request.command["launcher"] == "ray"
    begun_with = _recorded_threads(root)
    threads = sweep.threads or begun_with or (1 if is_ray else max(1, num_cores() // jobs))
    launcher = _ray(request, threads) if is_ray else None
    _open(root, sweep)
    with sweep_lock(root) as lock:
        statuses = _prepare(root, replace(sweep, threads=threads), request)
        launcher = launcher or LocalLauncher(jobs, threads, request.command["jobs"] is None, (lock,))
        with closing(make_display(progress(), root, statuses)) as display, stop_on_signals() as stop:
            carry_out(statuses, launcher, stop, lambda status: display.change(status, stop.count))
        summaries = summarize(statuses)
        data = write_summary(root, statuses, summaries)
    if stop.count:
        return _interrupted(root, statuses)
    failed = any(status.state == FAILED for status in statuses)
    as_json = {**data, "output_dir": str(root)} if request.command["json"] else None
    return Outcome(lambda: show_sweep(results(), root, statuses, summaries), as_json, int(failed))


def _ray(request: SweepRequest, threads: int) -> Launcher:
    from formalrl.experiments.launch_ray import RayLauncher

    return RayLauncher(threads, request.command["gpus_per_run"], request.command["jobs"])


def _open(root: Path, sweep: Sweep) -> None:
    """Make the sweep's folder, or check that the one there is its own. Raises ConfigError."""
    if root.exists() and not root.is_dir():
        raise ConfigError(
            f"output_dir {str(root)!r} is a file, but a sweep needs a folder: choose another --output-dir."
        )
    if (root / SWEEP).is_file():
        grown(read_sweep(root), sweep)
    elif root.is_dir() and any(not path.name.startswith(".") for path in root.iterdir()):
        raise ConfigError(f"{root} is not empty and holds no sweep: choose another --output-dir.")
    for folder in (root, root / LOGS, root / SETTINGS):
        folder.mkdir(parents=True, exist_ok=True)


def _prepare(root: Path, sweep: Sweep, request: SweepRequest) -> list[RunStatus]:
    """Write the definition and the settings of every run. Raises ConfigError where other ones were begun with."""
    statuses = [RunStatus(run, config, root) for run, config in request.runs]
    texts = [to_yaml(status.config) for status in statuses]
    for status, text in zip(statuses, texts, strict=True):
        if status.run.folder.exists() and status.settings.is_file() and status.settings.read_text("utf-8") != text:
            raise ConfigError(
                f"{status.run.name} was begun with other settings ({status.settings}), as happens when defaults of a "
                "task have changed since: choose another --output-dir."
            )
    plain = yaml.safe_dump(sweep.to_plain(), sort_keys=False, allow_unicode=True, width=120)
    _replace(root / SWEEP, f"# Continue with: formalrl sweep {shlex.quote(str(root))}\n{plain}")
    for status, text in zip(statuses, texts, strict=True):
        _replace(status.settings, text)
    return statuses


def _recorded_threads(root: Path) -> int | None:
    return read_sweep(root).threads if (root / SWEEP).is_file() else None


def _replace(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.write_text(text, encoding="utf-8")
    os.replace(unfinished, path)


def _interrupted(root: Path, statuses: Sequence[RunStatus]) -> Outcome:
    done = sum(status.state == DONE for status in statuses)
    text = f"stopped: {done} of {len(statuses)} runs are done. Continue with\n  formalrl sweep {shlex.quote(str(root))}"
    print(text, file=sys.stderr)
    return Outcome(code=130)
