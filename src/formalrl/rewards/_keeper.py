"""The parent of the reward workers: forks them from a small warm process, and sees to it that none outlives a run.

The trainer starts it as a fresh interpreter and talks to it over one socket, in lines of JSON:
`{"spawn": id}` with two file descriptors (the worker's socket and where its output goes), `{"kill": id}`; the keeper
answers `{"exit": id, "status": s}` when a worker has ended and everything it started is gone. When the socket closes
or the trainer is no longer the parent, the keeper ends all workers with all they started, and itself. It never runs
code of the user's and holds nothing but the interpreter, so forking it is safe and takes milliseconds.
"""

import ctypes
import gc
import json
import os
import select
import signal
import socket
import sys
import time
from contextlib import suppress

from formalrl.rewards import _worker

POLL_MS = 1000
"""How often the keeper looks whether the trainer is still its parent."""
_SUBREAPER, _DEATH_SIGNAL = 36, 1


def main(control_fd: int, trainer: int) -> None:
    """Serve the trainer until it goes away."""
    prctl(_SUBREAPER, 1)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    gc.freeze()
    keeper = Keeper(socket.socket(fileno=control_fd), trainer)
    try:
        keeper.serve()
    finally:
        keeper.end()


class Keeper:
    """The keeper's state: its socket and the workers that run."""

    def __init__(self, control: socket.socket, trainer: int) -> None:
        self.control = control
        self.trainer = trainer
        self.workers: dict[int, int] = {}
        """Process id -> the trainer's number of the worker."""
        self.pending = b""
        self.fds: list[int] = []
        self.wakeup, wakeup_write = os.pipe()
        os.set_blocking(wakeup_write, False)
        os.set_blocking(self.wakeup, False)
        signal.set_wakeup_fd(wakeup_write, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def serve(self) -> None:
        """Carry out commands until the trainer is gone."""
        poll = select.poll()
        poll.register(self.control, select.POLLIN)
        poll.register(self.wakeup, select.POLLIN)
        while os.getppid() == self.trainer:
            ready = {fd for fd, _ in poll.poll(POLL_MS)}
            if self.wakeup in ready:
                with suppress(BlockingIOError):
                    os.read(self.wakeup, 4096)
            if self.control.fileno() in ready and not self._read_commands():
                return
            self._reap()

    def end(self) -> None:
        """End every worker and everything that any of them started."""
        for pid in self.workers:
            kill_group(pid)
        self.workers.clear()
        kill_orphans(set())

    def _read_commands(self) -> bool:
        try:
            data, fds, _, _ = socket.recv_fds(self.control, 1 << 16, 64)
        except OSError:
            return False
        self.fds += fds
        self.pending += data
        *lines, self.pending = self.pending.split(b"\n")
        for line in lines:
            command = json.loads(line)
            if "spawn" in command:
                self._spawn(command["spawn"], command["memory_bytes"])
            else:
                for pid in [pid for pid, number in self.workers.items() if number == command["kill"]]:
                    kill_group(pid)
        return bool(data)

    def _spawn(self, number: int, memory_bytes: int | None) -> None:
        sock, output, *self.fds = self.fds
        pid = os.fork()
        if pid == 0:
            try:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                os.setsid()
                prctl(_DEATH_SIGNAL, signal.SIGKILL)
                for fd in (self.control.detach(), self.wakeup, *self.fds):
                    os.close(fd)
                os.dup2(output, 1)
                os.dup2(output, 2)
                os.close(output)
                _worker.main(sock, memory_bytes)
            finally:
                os._exit(1)
        os.close(sock)
        os.close(output)
        self.workers[pid] = number

    def _reap(self) -> None:
        """Collect what has ended; a worker's group is killed while its process id is still taken."""
        while True:
            try:
                ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:
                return
            if ended is None:
                return
            pid = ended.si_pid
            number = self.workers.pop(pid, None)
            if number is not None:
                kill_group(pid)
            _, status = os.waitpid(pid, 0)
            if number is not None:
                kill_orphans(set(self.workers))
                line = {"exit": number, "status": os.waitstatus_to_exitcode(status)}
                with suppress(OSError):
                    self.control.sendall(json.dumps(line).encode() + b"\n")


def prctl(option: int, value: int) -> bool:
    """Set a Linux process attribute; return whether it was possible."""
    if not sys.platform.startswith("linux"):
        return False
    return ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0) == 0


def kill_group(pid: int) -> None:
    """Kill a process and the group that it leads, if it already does."""
    for kill in (os.kill, os.killpg):
        with suppress(ProcessLookupError, PermissionError):
            kill(pid, signal.SIGKILL)


def kill_orphans(workers: set[int], seconds: float = 5.0) -> None:
    """Kill the children of this process that are no workers: what workers started and left behind, whole trees."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        orphans = [pid for pid in children() if pid not in workers]
        if not orphans:
            return
        for pid in orphans:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        for pid in orphans:
            with suppress(ChildProcessError):
                os.waitpid(pid, 0)


def children() -> list[int]:
    """Return the process ids of this process's children; on systems without `/proc` none."""
    me, found = os.getpid(), []
    try:
        entries = os.listdir("/proc")
    except OSError:
        return []
    for entry in entries:
        if entry.isdecimal():
            with suppress(OSError), open(f"/proc/{entry}/stat", "rb") as file:
                if int(file.read().rpartition(b")")[2].split()[1]) == me:
                    found.append(int(entry))
    return found
