"""One worker as the trainer sees it: what it is doing, since when, and what it has printed."""

import json
import os
import socket
from contextlib import suppress
from typing import Any, Literal

from formalrl.rewards._frames import Inbox, Outbox
from formalrl.rewards._jobs import Job

State = Literal["starting", "idle", "busy", "ending"]

ASYNC_GRACE = 1.0
"""Seconds after which a worker is killed whose event loop should have ended a call by itself."""
TAIL = 1000
"""Bytes of what a worker printed last that go into the detail of a failure."""


class Slot:
    """A worker's place in the pool; the process in it changes."""

    def __init__(self, number: int, sock: socket.socket, output: int, now: float) -> None:
        self.number = number
        self.sock = sock
        self.output = output
        self.state: State = "starting"
        self.job: Job | None = None
        self.left: dict[int, None] = {}
        """Rows of the job without a score, in order."""
        self.since = now
        """When the call that is under way began, or the process."""
        self.job_began = now
        self.ready = False
        """True once the process has loaded the reward."""
        self.reason = ""
        """Why the process is ending: `timeout`, `output`, `garbage`, `memory`, `abandoned`; empty: by itself."""
        self.printed = 0
        self.tail = b""
        self.inbox, self.outbox = Inbox(), Outbox()

    def give(self, job: Job, message: bytes, now: float) -> None:
        """Put a job in the outbox."""
        self.job, self.left, self.state = job, dict.fromkeys(job.rows), "busy"
        self.since = self.job_began = now
        self.printed, self.tail = 0, b""
        self.outbox.put(message)

    def deadline(self, timeout_s: float, start_timeout_s: float) -> float | None:
        """Return when the process must be killed unless it reports something; None when it has no limit now."""
        if self.state == "starting":
            return self.since + start_timeout_s
        if self.state != "busy" or self.job is None:
            return None
        return self.since + timeout_s + (ASYNC_GRACE if self.job.mode == "async" else 0.0)

    def messages(self) -> list[Any]:
        """Return the messages that have come. Raises ValueError for garbage."""
        return [json.loads(message) for message in self.inbox.messages()]

    def read_output(self) -> bool:
        """Take what the worker has printed, some of it when it is much; return False when it can print no more."""
        for _ in range(16):
            try:
                data = os.read(self.output, 1 << 16)
            except BlockingIOError:
                return True
            except OSError:
                return False
            if not data:
                return False
            self.printed += len(data)
            self.tail = (self.tail + data)[-TAIL:]
        return True

    def shown_output(self) -> str:
        """Return the end of what was printed, as a line for the detail of a failure."""
        text = self.tail.decode("utf-8", "replace").strip()
        return f"\nprinted: {text}" if text else ""

    def close(self) -> None:
        """Close the trainer's ends."""
        self.sock.close()
        with suppress(OSError):
            os.close(self.output)
