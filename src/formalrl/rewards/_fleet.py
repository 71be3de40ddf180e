"""The workers of a pool: start, feed, watch, end and replace them. One selector, no waiting without a limit."""

import pickle
import selectors
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import cloudpickle

from formalrl.errors import ConfigError, RewardError
from formalrl.rewards._jobs import Job, Jobs
from formalrl.rewards._keeper_client import KeeperClient
from formalrl.rewards._payload import Payload
from formalrl.rewards._slot import Slot
from formalrl.rewards.call import RewardKey
from formalrl.rewards.signature import RewardRow
from formalrl.types import Score

MAX_BAD_STARTS = 3
"""Workers in a row that may end while they load the reward before the fleet gives up."""
MAX_WAIT = 1.0
"""Seconds between looks at the clock."""


@dataclass(frozen=True)
class Limits:
    """What one call may use."""

    timeout_s: float
    start_timeout_s: float
    memory_bytes: int | None
    max_output_bytes: int
    give_up_after: int | None = None
    """Calls that may hang or end their worker before the first that gives a score."""


class Fleet:
    """A fixed number of workers, whatever happens to each."""

    def __init__(self, payload: Payload, num_workers: int, limits: Limits) -> None:
        """Start the keeper and the workers, without waiting for them."""
        self.num_workers = num_workers
        self.num_restarts = 0
        self._limits = limits
        self._payload = pickle.dumps(payload)
        self._bad_starts = 0
        self._next_number = 0
        self._broken = ""
        self._slots: dict[int, Slot] = {}
        self._jobs: Jobs | None = None
        self._rows: Sequence[RewardRow] = ()
        self._key = RewardKey()
        self._open()

    def wait_for_one(self) -> None:
        """Wait until a worker has loaded the reward. Raises ConfigError when it cannot be loaded."""
        try:
            while not any(slot.state == "idle" for slot in self._slots.values()):
                self._turn()
        except RewardError as error:
            raise ConfigError(str(error)) from error

    def work(self, jobs: Jobs, rows: Sequence[RewardRow], key: RewardKey) -> None:
        """Have every job done. Raises RewardError when workers can no longer load the reward, or it is hopeless."""
        self._jobs, self._rows, self._key = jobs, rows, key
        while not jobs.finished:
            self._give()
            self._turn()
            if self._limits.give_up_after is not None:
                jobs.check_hope(self._limits.give_up_after)
        self._jobs, self._rows = None, ()

    def abandon(self) -> None:
        """End the workers that are at work; their rows belong to nobody any more."""
        self._jobs, self._rows = None, ()
        for slot in self._slots.values():
            if slot.state == "busy":
                slot.job = None
                self._end(slot, "abandoned")

    def close(self) -> None:
        """End the keeper and all workers; it may be called twice."""
        self.keeper.close()
        for slot in self._slots.values():
            slot.close()
        self._slots.clear()
        self._selector.close()

    def _open(self) -> None:
        self.keeper = KeeperClient()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self.keeper.control, selectors.EVENT_READ, None)
        for _ in range(self.num_workers):
            self._spawn()

    def _spawn(self) -> None:
        number, self._next_number = self._next_number, self._next_number + 1
        sock, output = self.keeper.spawn(number, self._limits.memory_bytes)
        slot = self._slots[number] = Slot(number, sock, output, time.monotonic())
        slot.outbox.put(self._payload)
        self._selector.register(sock, selectors.EVENT_READ, slot)
        self._selector.register(output, selectors.EVENT_READ, slot)
        self._flush(slot)

    def _give(self) -> None:
        """Hand a job to every idle worker."""
        assert self._jobs is not None
        for slot in self._slots.values():
            if slot.state == "idle":
                job = self._jobs.take(self.num_workers)
                if job is None:
                    return
                slot.give(job, self._message(job), time.monotonic())
                self._flush(slot)

    def _message(self, job: Job) -> bytes:
        rows = [(n, (r.prompt, r.completion, dict(r.columns))) for n, r in ((n, self._rows[n]) for n in job.rows)]
        message = (job.mode, job.function, rows, self._key, self._limits.timeout_s)
        try:
            return pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
        except (pickle.PicklingError, AttributeError, TypeError):
            return cloudpickle.dumps(message)

    def _turn(self) -> None:
        """Wait for something to happen, and take note of it."""
        now = time.monotonic()
        deadlines = [deadline for slot in self._slots.values() if (deadline := self._deadline(slot)) is not None]
        wait = min([MAX_WAIT, *(max(0.0, deadline - now) for deadline in deadlines)])
        for event, mask in self._selector.select(wait):
            slot: Slot | None = event.data
            if slot is None:
                self._note_exits()
            elif slot.number not in self._slots:
                continue
            elif event.fd == slot.output:
                self._note_output(slot)
            else:
                if mask & selectors.EVENT_WRITE:
                    self._flush(slot)
                if mask & selectors.EVENT_READ:
                    self._note_messages(slot)
        now = time.monotonic()
        for slot in self._slots.values():
            deadline = self._deadline(slot)
            if deadline is not None and now > deadline:
                self._note_messages(slot)  # what came in the meantime counts
                if (deadline := self._deadline(slot)) is not None and now > deadline:
                    self._end(slot, "timeout")

    def _deadline(self, slot: Slot) -> float | None:
        return slot.deadline(self._limits.timeout_s, self._limits.start_timeout_s)

    def _flush(self, slot: Slot) -> None:
        try:
            sent = slot.outbox.flush(slot.sock)
        except OSError:
            sent = True  # it has ended; the keeper will say so
        with suppress(KeyError):
            self._selector.modify(slot.sock, selectors.EVENT_READ | (0 if sent else selectors.EVENT_WRITE), slot)

    def _end(self, slot: Slot, reason: str) -> None:
        slot.reason, slot.state = reason, "ending"
        self.keeper.kill(slot.number)

    def _note_output(self, slot: Slot) -> None:
        if not slot.read_output():
            self._selector.unregister(slot.output)
        if slot.printed > self._limits.max_output_bytes and slot.state in ("starting", "busy"):
            self._note_messages(slot)
            self._end(slot, "output")

    def _note_messages(self, slot: Slot) -> None:
        try:
            alive = slot.inbox.fill(slot.sock)
            for message in slot.messages():
                self._take(slot, message)
        except (ValueError, TypeError, KeyError, IndexError):
            alive = False
            if slot.state != "ending":
                self._end(slot, "garbage")
        if not alive:  # the keeper's note of the end is on its way, and ends it if it lives
            with suppress(KeyError, ValueError):
                self._selector.unregister(slot.sock)
            self.keeper.kill(slot.number)

    def _take(self, slot: Slot, message: list[Any]) -> None:
        if slot.state == "ending":
            return
        if message[0] == "ready":
            slot.state, slot.ready, self._bad_starts = "idle", True, 0
        elif message[0] == "broken":
            self._broken = str(message[1])
        elif slot.job is None or self._jobs is None:
            raise ValueError(f"a worker without a job sent {message!r}")
        elif message[0] == "again":
            self._jobs.repeat(slot.job, slot.left)
            slot.job, slot.state = None, "idle"
        else:
            self._take_score(slot, slot.job, self._jobs, message)

    def _take_score(self, slot: Slot, job: Job, jobs: Jobs, message: list[Any]) -> None:
        index, reward, error, parts, detail, steps = message
        if error is not None:
            slot.read_output()
            detail += slot.shown_output()
        del slot.left[index]
        jobs.put(job.function, index, Score(reward, error, parts, detail, tuple(map(tuple, steps))))
        now = time.monotonic()
        slot.since, slot.printed, slot.tail = now, 0, b""
        if error == "memory":  # the process ends by itself, to be replaced by one with tidy memory
            slot.state, slot.reason = "ending", "memory"
        elif not slot.left:
            jobs.saw(job, now - slot.job_began)
            slot.job, slot.state = None, "idle"

    def _note_exits(self) -> None:
        exits = self.keeper.exits()
        if exits is None:
            self._reopen()
            return
        for number, status in exits:
            slot = self._slots.pop(number)
            if slot.state != "ending":
                self._note_messages(slot)  # what it reported before it ended counts
            self._bury(slot, _ending(status))
            self._spawn()

    def _reopen(self) -> None:
        """The keeper died, and its workers with it: start anew. What was under way may be the cause."""
        slots, self._slots = self._slots, {}
        if not any(slot.ready for slot in slots.values()):
            self._bad_starts += self.num_workers
        for slot in slots.values():
            self._bury(slot, "the keeper process was killed")
        self.keeper.close()
        self._selector.close()
        self._open()

    def _bury(self, slot: Slot, ending: str) -> None:
        """Book the end of a worker on the row at fault, if it is one's, and forget the worker."""
        slot.read_output()
        for fd in (slot.sock, slot.output):
            with suppress(KeyError, ValueError):
                self._selector.unregister(fd)
        slot.close()
        self.num_restarts += 1
        if slot.job is not None and self._jobs is not None and slot.left:
            if slot.reason == "memory":
                self._jobs.repeat(slot.job, slot.left)
            else:
                self._jobs.fail(slot.job, list(slot.left), self._score_of(slot, ending))
        if not slot.ready and slot.reason != "abandoned":
            self._bad_starts += 1
            if self._broken or self._bad_starts >= MAX_BAD_STARTS:
                why = self._broken or f"{ending}{slot.shown_output()}"
                raise RewardError(
                    f"a reward worker could not load the reward: {why.strip()}\nRewards run in processes of their own:"
                    " check that their imports work in a fresh interpreter and within"
                    " reward_memory_gib, or set reward_workers to 0."
                )

    def _score_of(self, slot: Slot, ending: str) -> Score:
        """The Score of the row during which a worker ended or was ended."""
        if slot.reason == "timeout":
            detail = f"the call took longer than {self._limits.timeout_s:g} s; its worker was killed and replaced"
            return Score(None, "timeout", detail=detail + slot.shown_output())
        if slot.reason == "output":
            ending = f"it printed more than {self._limits.max_output_bytes} bytes in one call"
        elif slot.reason == "garbage":
            ending = "it sent what is no result"
        return Score(None, "crash", detail=f"the worker ended during the call: {ending}{slot.shown_output()}")


def _ending(status: int) -> str:
    """How a process ended, in words."""
    if status >= 0:
        return f"it exited with code {status}"
    try:
        return f"killed by signal {-status} ({signal.Signals(-status).name})"
    except ValueError:
        return f"killed by signal {-status}"
