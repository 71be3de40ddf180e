"""Runs of a sweep as tasks of a Ray cluster whose machines share the sweep's folder."""

import importlib
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from formalrl.errors import ConfigError
from formalrl.experiments.launch import threads_environment

INTERRUPTED = 130


@dataclass
class RayLauncher:
    """Hands runs to Ray, which queues them until a machine has the cores and the GPUs for one.

    It joins the cluster that `RAY_ADDRESS` names, or one that `ray start` started here, else it starts one on this
    machine. Raises ConfigError where Ray is not installed or the cluster is too small for a run.
    """

    threads: int
    """Cores for a run."""
    gpus: float = 0.0
    """GPUs for a run."""
    jobs: int | None = None
    """Runs that are handed over at once; none: all, and Ray starts what fits."""
    _ray: Any = None
    _tasks: list["RayRun"] = field(default_factory=list)
    _own: bool = False

    def __post_init__(self) -> None:
        try:
            self._ray = importlib.import_module("ray")
        except ImportError:
            raise ConfigError(
                "--launcher ray needs Ray, which is not installed: run `pip install 'formalrl[ray]'`, or leave"
                " the option out to run on this machine."
            ) from None
        if not self._ray.is_initialized():
            self._ray.init(log_to_driver=False, logging_level="ERROR", include_dashboard=False)
            self._own = True
        have = self._ray.cluster_resources()
        for name, needed in (("CPU", self.threads), ("GPU", self.gpus)):
            if needed > have.get(name, 0):
                raise ConfigError(
                    f"a run needs {needed:g} {name}, but the Ray cluster has {have.get(name, 0):g}: it would wait "
                    f"without end. Set {'--threads' if name == 'CPU' else '--gpus-per-run'} lower."
                )

    def has_room(self) -> bool:
        return self.jobs is None or sum(task.poll() is None for task in self._tasks) < self.jobs

    def start(self, arguments: Sequence[str], log: Path) -> "RayRun":
        task = self._ray.remote(num_cpus=self.threads, num_gpus=self.gpus, max_retries=0)(carry_out_run)
        environment = threads_environment(self.threads)
        reference = task.remote(list(arguments), str(log.resolve()), os.getcwd(), environment)
        self._tasks.append(RayRun(self._ray, reference, log))
        return self._tasks[-1]

    def close(self) -> None:
        for task in self._tasks:
            if task.poll() is None:
                task.kill()
        if self._own:
            self._ray.shutdown()


@dataclass
class RayRun:
    """A run that Ray was given."""

    ray: Any
    reference: Any
    log: Path
    _code: int | None = None
    _asked: bool = False

    def poll(self) -> int | None:
        if self._code is None and self.ray.wait([self.reference], timeout=0)[0]:
            try:
                self._code = int(self.ray.get(self.reference))
            except self.ray.exceptions.RayError as error:
                self._code = INTERRUPTED if self._asked else 1
                if not self._asked:
                    with self.log.open("a", encoding="utf-8") as file:
                        file.write(f"error: Ray lost the run: {' '.join(str(error).split())}\n")
        return self._code

    def stop(self) -> None:
        self._asked = True
        self.ray.cancel(self.reference, force=False)

    def kill(self) -> None:
        self._asked = True
        self.ray.cancel(self.reference, force=True)


def carry_out_run(arguments: Sequence[str], log: str, folder: str, environment: Mapping[str, str]) -> int:
    """Run `formalrl` with these arguments to its end and return its exit code; a KeyboardInterrupt asks it to stop."""
    with open(log, "ab") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "formalrl", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            env=os.environ | dict(environment),
            cwd=folder,
        )
        try:
            return process.wait()
        except KeyboardInterrupt:
            process.terminate()
            process.wait()
            return INTERRUPTED
        finally:
            if process.poll() is None:
                process.kill()
