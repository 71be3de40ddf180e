"""The trainer's side of the keeper: start it, ask it for workers, hear which have ended, close it."""

import json
import os
import socket
import subprocess
import sys
import weakref
from contextlib import suppress

CLOSE_SECONDS = 10.0
"""How long a keeper may take to end its workers before it is killed."""

_PROGRAM = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]);"
    "from formalrl.rewards._keeper import main; main(int(sys.argv[2]), int(sys.argv[3]))"
)


class KeeperClient:
    """A running keeper process."""

    def __init__(self) -> None:
        """Start the keeper: a fresh interpreter in a session of its own, out of reach of Ctrl-C."""
        self.control, theirs = socket.socketpair()
        path = [os.path.abspath(entry) for entry in sys.path]
        arguments = [json.dumps(path), str(theirs.fileno()), str(os.getpid())]
        threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}
        self.process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, *arguments],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
            env={**threads, **os.environ},
        )
        theirs.close()
        self._pending = b""
        self._release = weakref.finalize(self, _release, self.control, self.process, os.getpid())

    def spawn(self, number: int, memory_bytes: int | None) -> tuple[socket.socket, int]:
        """Ask for a worker; return the socket to it and the file descriptor of what it prints, neither blocking."""
        ours, theirs = socket.socketpair()
        output, output_write = os.pipe()
        command = json.dumps({"spawn": number, "memory_bytes": memory_bytes}).encode() + b"\n"
        with suppress(OSError):  # a dead keeper is noticed by exits()
            socket.send_fds(self.control, [command], [theirs.fileno(), output_write])
        theirs.close()
        os.close(output_write)
        ours.setblocking(False)
        os.set_blocking(output, False)
        return ours, output

    def kill(self, number: int) -> None:
        """Ask for the end of a worker; `exits` tells when it has come."""
        with suppress(OSError):
            self.control.sendall(json.dumps({"kill": number}).encode() + b"\n")

    def exits(self) -> list[tuple[int, int]] | None:
        """Return (number, exit code) of workers that have ended (code < 0: by that signal); None: the keeper died."""
        try:
            data = self.control.recv(1 << 16)
        except OSError:
            return None
        if not data:
            return None
        *lines, self._pending = (self._pending + data).split(b"\n")
        return [(note["exit"], note["status"]) for note in map(json.loads, lines)]

    def close(self) -> None:
        """End the keeper with all its workers; it may be called twice."""
        self._release()


def _release(control: socket.socket, process: "subprocess.Popen[bytes]", owner: int) -> None:
    if os.getpid() != owner:  # a forked child must not end its parent's workers
        return
    control.close()
    try:
        process.wait(CLOSE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
