"""A worker process of the Ludii engine: starts a JVM, answers requests one by one, and never outlives its parent.

Requests and answers are lines of JSON on a socket. The first line from the process is `{"ready": true}` or
`{"broken": why}`. An answer with `"tired": true` is its last one: the process is to be replaced.
"""

import json
import os
import select
import signal
import socket
import threading
from typing import Any

from formalrl.games.ludii.bridge import Bridge, OutOfMemory

LOOK_S = 1.0
"""Seconds between looks whether the parent is still there."""


def main(sock_fd: int, lifeline_fd: int, parent: int, jvm: str, jar: str) -> None:
    """Serve the parent until it goes away; never returns."""
    threading.Thread(target=watch, args=(lifeline_fd, parent), daemon=True).start()
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    sock = socket.socket(fileno=sock_fd)
    try:
        bridge: Any = Bridge(jvm, jar)
    except BaseException as error:  # a foreign runtime: whatever it raises is told
        send(sock, {"broken": " ".join(f"{type(error).__name__}: {error}".split())[:500]})
        os._exit(1)
    send(sock, {"ready": True})
    serve(sock, bridge)
    os._exit(0)


def serve(sock: socket.socket, bridge: Any) -> None:
    """Answer requests until the socket closes or the memory is full."""
    for line in sock.makefile("r", encoding="utf-8"):
        try:
            answer = bridge.answer(json.loads(line))
        except OutOfMemory:
            send(sock, {"full": True, "tired": True})
            return
        send(sock, answer)


def send(sock: socket.socket, message: dict[str, Any]) -> None:
    """Send one line; end the process when nobody is there to read it."""
    try:
        sock.sendall(json.dumps(message).encode() + b"\n")
    except OSError:
        os._exit(0)


def watch(lifeline_fd: int, parent: int) -> None:
    """End the process when the parent ends: its end of the pipe closes, or it is no longer the parent.

    A thread of Python's runs while a call into Java hangs, which nothing else stops.
    """
    while os.getppid() == parent:
        if select.select([lifeline_fd], [], [], LOOK_S)[0]:
            break
    os.kill(os.getpid(), signal.SIGKILL)
