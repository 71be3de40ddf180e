"""Carry out the runs of a sweep: start what fits, watch, let failures be, stop when asked."""

import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

from formalrl.experiments.launch import Launcher, RunProcess
from formalrl.experiments.sweep_runs import DONE, FAILED, RUNNING, STOPPED, RunStatus, arguments_of, is_finished

PAUSE_S = 0.2
"""Between two looks at the processes."""
REFRESH_S = 1.0
"""Between two looks at the files of a run."""
OnChange = Callable[[RunStatus | None], None]
"""Told of a run that changed its state, and with None every now and then."""


@dataclass
class StopRequest:
    """How often somebody asked to stop."""

    count: int = 0


@contextmanager
def stop_on_signals() -> Iterator[StopRequest]:
    """Count SIGINT, SIGTERM and SIGHUP instead of dying of them; outside the main thread signals are left alone."""
    request = StopRequest()
    if threading.current_thread() is not threading.main_thread():
        yield request
        return

    def note(signum: int, frame: FrameType | None) -> None:
        request.count += 1

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    previous = {number: signal.signal(number, note) for number in numbers}
    try:
        yield request
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def carry_out(
    statuses: Sequence[RunStatus],
    launcher: Launcher,
    request: StopRequest,
    on_change: OnChange,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Run everything that is not finished, in order; every status ends as done, failed, stopped or waiting.

    A first stop request asks the running ones to end after their step, with a checkpoint; a second one kills them.
    """
    for status in statuses:
        status.refresh()
        if is_finished(status.run.folder, status.config):
            status.state = DONE
    waiting = [status for status in statuses if status.state != DONE]
    running: list[tuple[RunStatus, RunProcess]] = []
    asked, refreshed = 0, clock()
    on_change(None)
    try:
        while running or (waiting and not request.count):
            while asked < request.count:
                asked += 1
                for _, process in running:
                    process.stop() if asked == 1 else process.kill()
            for status, process in list(running):
                if _ended(status, process, clock(), asked > 0):
                    running.remove((status, process))
                    on_change(status)
            if waiting and not request.count and launcher.has_room():
                running.append(_started(waiting.pop(0), launcher, clock()))
                on_change(running[-1][0])
                continue
            if clock() - refreshed >= REFRESH_S:
                refreshed = clock()
                for status, _ in running:
                    status.refresh()
                on_change(None)
            time.sleep(PAUSE_S)
    finally:
        launcher.close()


def _started(status: RunStatus, launcher: Launcher, now: float) -> tuple[RunStatus, RunProcess]:
    status.state, status.started = RUNNING, now
    return status, launcher.start(arguments_of(status), status.log)


def _ended(status: RunStatus, process: RunProcess, now: float, asked: bool) -> bool:
    """Bring a running status up to date; return whether its process has ended."""
    status.seconds = now - (status.started or now)
    code = process.poll()
    if code is None:
        return False
    status.refresh()
    status.code = code
    status.state = DONE if code == 0 else STOPPED if asked else FAILED
    return True
