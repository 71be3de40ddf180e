"""A worker process of the reward pool: loads the reward, scores what it is sent, reports every row at once.

Messages to it are pickles from the trainer: first a `Payload`, then jobs `(mode, function, rows, key)`.
Messages from it are JSON: `["ready"]`, `["broken", why]`, `[row, reward, error, parts, detail, steps]`, `["again"]`.
"""

import asyncio
import inspect
import json
import os
import pickle
import resource
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from formalrl.rewards import _frames
from formalrl.rewards.call import (
    MAX_DETAIL,
    RewardKey,
    call_batch,
    fails_whole,
    failure,
    score_one,
    seed_all,
    to_score,
)
from formalrl.rewards.signature import RewardRow, Signature
from formalrl.types import Score

BALLAST = 4 << 20
"""Bytes set free when memory runs out, so that the failure can be reported."""


def main(sock_fd: int, memory_bytes: int | None) -> None:
    """Serve the trainer on a socket until it closes; never returns."""
    sock = socket.socket(fileno=sock_fd)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    sys.stdin = os.fdopen(0, closefd=False)
    sys.stdout = os.fdopen(1, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)
    sys.__stdout__, sys.__stderr__ = sys.stdout, sys.stderr
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if memory_bytes is not None:
        with suppress(ValueError, OSError):  # macOS has no limit on the address space
            resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    worker = Worker(sock)
    if worker.load():
        worker.serve()
    os._exit(0)


class Worker:
    """The reward functions of this process and the socket to the trainer."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.pid = os.getpid()
        self.ballast: bytearray | None = bytearray(BALLAST)
        self.functions: list[tuple[Callable[..., Any], Signature]] = []

    def load(self) -> bool:
        """Receive the reward and load it; return whether that worked."""
        data = _frames.receive(self.sock)
        if data is None:
            return False
        try:
            functions = pickle.loads(data).load()
            self.functions = [(function, Signature.of(function)) for function in functions]
        except BaseException as error:
            self._send(["broken", "".join(traceback.format_exception(error))[-MAX_DETAIL:]])
            return False
        self._send(["ready"])
        return True

    def serve(self) -> None:
        """Score jobs until the trainer closes the socket."""
        while (data := _frames.receive(self.sock)) is not None:
            mode, number, rows, key, timeout_s = pickle.loads(data)
            function, signature = self.functions[number]
            rows = [(index, RewardRow(*row)) for index, row in rows]
            if mode == "batch":
                self._score_batch(function, signature, rows, key)
            elif mode == "async":
                asyncio.run(self._score_async(function, signature, rows, key, timeout_s))
            else:
                for index, row in rows:
                    self._report(index, self._score_row(function, signature, row, key.row_seed(index)))

    def _score_row(self, function: Callable[..., Any], signature: Signature, row: RewardRow, seed: int) -> Score:
        try:
            return score_one(function, signature, row, seed)
        except BaseException as error:
            return self._failure(error)

    def _score_batch(
        self, function: Callable[..., Any], signature: Signature, rows: Sequence[tuple[int, RewardRow]], key: RewardKey
    ) -> None:
        seed_all(key.row_seed(rows[0][0]))
        try:
            scores = call_batch(function, signature, [row for _, row in rows])
        except BaseException as error:
            scores = self._failure(error)
        if isinstance(scores, Score):
            if len(rows) > 1 and not fails_whole(function):
                self._send(["again"])
                return
            scores = [scores] * len(rows)
        for (index, _), score in zip(rows, scores, strict=True):
            self._report(index, score)

    async def _score_async(
        self,
        function: Callable[..., Any],
        signature: Signature,
        rows: Sequence[tuple[int, RewardRow]],
        key: RewardKey,
        timeout_s: float,
    ) -> None:
        seed_all(key.row_seed(rows[0][0]))

        async def score(index: int, row: RewardRow) -> None:
            try:
                value = signature.call_one(function, row)
                result = to_score(await asyncio.wait_for(value, timeout_s) if inspect.isawaitable(value) else value)
            except BaseException as error:
                result = self._failure(error)
            self._report(index, result)

        await asyncio.gather(*(score(index, row) for index, row in rows))

    def _failure(self, error: BaseException) -> Score:
        if not isinstance(error, MemoryError):
            return failure(error)
        error.__traceback__ = None  # its frames hold what filled the memory
        self.ballast = None
        return Score(None, "memory", detail="MemoryError: the call went over the memory limit of a reward worker")

    def _report(self, index: int, score: Score) -> None:
        """Send a row's score, what it printed first; after memory ran out the process is replaced."""
        if score.error is not None:
            with suppress(Exception):
                sys.stdout.flush()
                sys.stderr.flush()
        try:
            self._send([index, score.reward, score.error, dict(score.parts), score.detail, score.steps])
        except MemoryError:
            self.ballast = None
            self._send([index, None, "memory", {}, "MemoryError while reporting", ()])
        if score.error == "memory":
            os._exit(0)

    def _send(self, message: list[Any]) -> None:
        if os.getpid() != self.pid:
            os._exit(0)  # a child that the reward forked and that came back from the call
        try:
            _frames.send(self.sock, json.dumps(message).encode())
        except OSError:
            os._exit(0)
