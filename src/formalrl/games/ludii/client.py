"""The engine's side of a worker process: start it, ask it with a limit of time, kill it, start another."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import weakref
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import IO, Any

from formalrl.errors import EngineError

PROGRAM = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]);"
    "from formalrl.games.ludii.worker import main; main(*map(int, sys.argv[2:5]), *sys.argv[5:7])"
)
START_S = 300.0
"""Seconds that a worker may take to start its JVM."""
START_TRIES = 3
"""Workers that may be killed by a signal while they start before that counts as a failure."""


class Late(Exception):
    """No answer within the limit of time; the process was killed."""


class Died(Exception):
    """The process ended without an answer."""


class Client:
    """One worker process at a time. It is started when it is first needed."""

    def __init__(self, jvm: str, jar: str, program: str = PROGRAM) -> None:
        """Start nothing yet. `program` is what the process runs."""
        self._arguments = (jvm, jar)
        self._program = program
        self._process: _Process | None = None
        self.num_starts = 0
        """Processes started so far."""

    @property
    def pid(self) -> int | None:
        """The process id, while there is a process."""
        return None if self._process is None else self._process.popen.pid

    def start(self) -> None:
        """Have a process that is ready. Raises EngineError when none can be had."""
        if self._process is not None and self._process.owner == os.getpid():
            if self._process.popen.poll() is None:
                return
            self.close()
        said = self._started(START_TRIES)
        if "broken" in said:
            self.close()
            raise EngineError(f"Ludii does not run here ({said['broken']}): check the jar and the Java runtime.")

    def _started(self, tries: int) -> dict[str, Any]:
        """Start a process, another one where it is killed meanwhile; return the first that it says."""
        self.num_starts += 1
        self._process = process = _Process(self._program, self._arguments)
        try:
            return process.read(time.monotonic() + START_S)
        except (Late, Died) as error:
            why = process.complaint() or ("it ended" if isinstance(error, Died) else f"not ready in {START_S:g} s")
            self.close()
            if tries > 1 and isinstance(error, Died) and (process.popen.returncode or 0) < 0:
                return self._started(tries - 1)
            raise EngineError(f"a Ludii worker cannot start ({why}): check the jar and the Java runtime.") from None
        except BaseException:
            self.close()
            raise

    def ask(self, request: Mapping[str, Any], wall_s: float) -> dict[str, Any]:
        """Return the answer to a request.

        Raises Late after `wall_s` seconds and Died when the process ends, in both cases without a process left, and
        EngineError when no process can be started.
        """
        self.start()
        process = self._process
        if process is None:  # closed by another thread
            raise Died
        try:
            answer = process.ask(request, time.monotonic() + wall_s)
        except Died:
            why = process.complaint()
            self.close()
            raise Died(why) from None
        except BaseException:
            self.close()
            raise
        if answer.pop("tired", False):
            self.close()
        return answer

    def close(self) -> None:
        """End the process, if there is one of ours; it may be called twice and from any thread."""
        process, self._process = self._process, None
        if process is not None:
            process.release()


class _Process:
    """A running worker."""

    def __init__(self, program: str, arguments: Sequence[str]) -> None:
        self.owner = os.getpid()
        self.sock, theirs = socket.socketpair()
        lifeline, ours = os.pipe()
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        path = json.dumps([os.path.abspath(entry) for entry in sys.path])
        fds = [str(theirs.fileno()), str(lifeline), str(self.owner)]
        try:
            self.popen = subprocess.Popen(
                [sys.executable, "-c", program, path, *fds, *arguments],
                pass_fds=[theirs.fileno(), lifeline],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._errors,
                start_new_session=True,
            )
        finally:
            theirs.close()
            os.close(lifeline)
        self._pending = b""
        self.release = weakref.finalize(self, _end, self.popen, self.sock, ours, self.owner)

    def ask(self, request: Mapping[str, Any], deadline: float) -> dict[str, Any]:
        try:
            self.sock.settimeout(max(0.001, deadline - time.monotonic()))
            self.sock.sendall(json.dumps(dict(request)).encode() + b"\n")
        except TimeoutError:
            raise Late from None
        except OSError:
            raise Died from None
        return self.read(deadline)

    def read(self, deadline: float) -> dict[str, Any]:
        while b"\n" not in self._pending:
            left = deadline - time.monotonic()
            if left <= 0:
                raise Late
            try:
                self.sock.settimeout(left)
                data = self.sock.recv(1 << 16)
            except TimeoutError:
                raise Late from None
            except OSError:
                raise Died from None
            if not data:
                raise Died
            self._pending += data
        line, _, self._pending = self._pending.partition(b"\n")
        try:
            return json.loads(line)
        except ValueError:
            raise Died from None

    def complaint(self) -> str:
        """Return the last line that the process wrote to standard error."""
        with suppress(OSError, ValueError):
            self._errors.seek(0)
            lines = self._errors.read().decode("utf-8", "replace").strip().splitlines()
            return lines[-1][:300] if lines else ""
        return ""


def _end(popen: "subprocess.Popen[bytes]", sock: socket.socket, lifeline: int, owner: int) -> None:
    if os.getpid() == owner:  # a forked child has no say over its parent's workers
        popen.kill()  # before the socket closes: a thread that waits for an answer hears of it
        popen.wait()
    sock.close()
    os.close(lifeline)
