"""Processes of a sweep's runs on this machine: how many at once, how they start and how they stop."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import psutil

from formalrl.errors import ConfigError

LEAST_GIB = 1.0
"""Memory that a run is taken to need until one is seen to take more."""
LOCK = ".lock"


class RunProcess(Protocol):
    """A run that was started."""

    def poll(self) -> int | None:
        """Return the exit code, None while it runs or waits for its turn."""
        ...

    def stop(self) -> None:
        """Ask it to end after the step under way, with a checkpoint."""
        ...

    def kill(self) -> None:
        """End it at once."""
        ...


class Launcher(Protocol):
    """Starts runs somewhere."""

    def has_room(self) -> bool:
        """Return whether another run can start now."""
        ...

    def start(self, arguments: Sequence[str], log: Path) -> RunProcess:
        """Start `formalrl` with these arguments; what it prints goes to the end of `log`."""
        ...

    def close(self) -> None:
        """Give back what the launcher holds."""
        ...


@dataclass
class LocalLauncher:
    """Starts runs as processes of this machine, in the process group of the sweep: what kills it kills them."""

    jobs: int
    """Runs at once, at most."""
    threads: int
    """Threads of the CPU for each run."""
    watches_memory: bool = True
    """Start a run only where memory is left for what the largest one so far took."""
    inherited: tuple[int, ...] = ()
    """File descriptors that stay open in the runs: the lock of the sweep."""
    _running: list[subprocess.Popen[bytes]] = field(default_factory=list)
    _need: float = LEAST_GIB * 2**30

    def has_room(self) -> bool:
        self._running = [process for process in self._running if process.poll() is None]
        if not self._running or len(self._running) >= self.jobs or not self.watches_memory:
            return len(self._running) < self.jobs
        used = [_memory_of(process.pid) for process in self._running]
        self._need = max(self._need, *used)
        promised = sum(self._need - taken for taken in used)
        return psutil.virtual_memory().available - promised >= self._need

    def start(self, arguments: Sequence[str], log: Path) -> "LocalProcess":
        command = [sys.executable, "-m", "formalrl", *arguments]
        environment = os.environ | threads_environment(self.threads)
        with log.open("ab") as file, _sigint_blocked():
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                env=environment,
                pass_fds=self.inherited,
            )
        self._running.append(process)
        return LocalProcess(process)

    def close(self) -> None:
        for process in self._running:
            if process.poll() is None:
                process.kill()


@dataclass(frozen=True)
class LocalProcess:
    """A process that leaves Ctrl-C to the sweep, which ends it by SIGTERM."""

    process: subprocess.Popen[bytes]

    def poll(self) -> int | None:
        return self.process.poll()

    def stop(self) -> None:
        self.process.terminate()

    def kill(self) -> None:
        self.process.kill()


def num_cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def threads_environment(threads: int) -> Mapping[str, str]:
    """Return the variables that give a process so many threads of the CPU."""
    return {"OMP_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads)}


@contextmanager
def sweep_lock(root: Path) -> Iterator[int]:
    """Hold a sweep's folder and yield the descriptor; runs that inherit it hold the folder, too.

    Raises ConfigError while another sweep, or a run that outlived its sweep, holds it.
    """
    import fcntl

    descriptor = os.open(root / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigError(
                f"{root} is in use by another `formalrl sweep`, or by a run that one left behind: wait until they end, "
                "or stop them (`ps` shows them), and start this again."
            ) from None
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def _sigint_blocked() -> Iterator[None]:
    """Keep Ctrl-C, which reaches the whole group, from processes that are started here: the sweep asks them to stop."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _memory_of(pid: int) -> float:
    """Bytes that a process and its children hold."""
    total = 0
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        for one in (process, *process.children(recursive=True)):
            with suppress(psutil.Error):
                total += one.memory_info().rss
    return float(total)
