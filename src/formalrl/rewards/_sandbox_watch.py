"""Feed a process and read what it writes, up to limits of time and size; at a limit it is killed with all its group."""

import os
import selectors
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

TICK = 0.1
"""Seconds between looks at the folder's size and at whether the process has ended but left its outputs to others."""

Stopped = Literal["", "time", "output", "disk"]


@dataclass(frozen=True)
class Watched:
    """How a process ended and what it wrote."""

    exit_code: int | None
    stopped: Stopped
    stdout: str
    stderr: str
    seconds: float


def watch(
    process: "subprocess.Popen[bytes]",
    stdin: str,
    wall_s: float,
    output_bytes: int,
    disk_bytes: int,
    folder: Path | None,
) -> Watched:
    """Return what the process did until it ended, or until it met a limit and was killed.

    `folder` is watched for its size when it is given. The process leads its group and has pipes for all three streams.
    """
    began = time.monotonic()
    assert process.stdin is not None and process.stdout is not None and process.stderr is not None
    written: dict[IO[bytes], bytearray] = {process.stdout: bytearray(), process.stderr: bytearray()}
    stopped: Stopped = ""
    exit_code: int | None = None
    try:
        stopped = _pump(process, stdin, written, began + wall_s, output_bytes, disk_bytes, folder)
        if not stopped:
            exit_code = process.wait(max(0.05, began + wall_s - time.monotonic()))
            exit_code = exit_code if exit_code >= 0 else 128 - exit_code
    except subprocess.TimeoutExpired:  # it closed its outputs and went on
        stopped = "time"
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for stream in (process.stdin, *written):
            with suppress(OSError):
                stream.close()
    texts = [bytes(data[:output_bytes]).decode("utf-8", "replace") for data in written.values()]
    return Watched(None if stopped else exit_code, stopped, texts[0], texts[1], time.monotonic() - began)


def _pump(
    process: "subprocess.Popen[bytes]",
    stdin: str,
    written: dict[IO[bytes], bytearray],
    deadline: float,
    output_bytes: int,
    disk_bytes: int,
    folder: Path | None,
) -> Stopped:
    """Move bytes until both outputs are closed; return the limit that was met."""
    assert process.stdin is not None
    waiting = memoryview(stdin.encode("utf-8", "surrogatepass"))
    with selectors.DefaultSelector() as selector:
        for stream in written:
            os.set_blocking(stream.fileno(), False)
            selector.register(stream, selectors.EVENT_READ, stream)
        os.set_blocking(process.stdin.fileno(), False)
        selector.register(process.stdin, selectors.EVENT_WRITE)
        num_open = len(written)
        while num_open:
            left = deadline - time.monotonic()
            if left <= 0:
                return "time"
            ended = process.poll() is not None
            ready = selector.select(min(left, TICK))
            for key, _ in ready:
                if key.fileobj is process.stdin:
                    waiting = _feed(process.stdin, waiting, selector)
                elif not _read(key.fd, written[key.data]):
                    selector.unregister(key.fd)
                    num_open -= 1
            if any(len(data) > output_bytes for data in written.values()):
                return "output"
            if folder is not None and size_of(folder) > disk_bytes:
                return "disk"
            if ended and not ready:
                break
    return ""


def _read(fd: int, into: bytearray) -> bool:
    """Append what is there; return False at the end."""
    data = os.read(fd, 1 << 16)
    into += data
    return bool(data)


def _feed(stdin: IO[bytes], waiting: memoryview, selector: selectors.BaseSelector) -> memoryview:
    """Write some; close the stream when everything is written or nobody reads."""
    try:
        waiting = waiting[os.write(stdin.fileno(), waiting[: 1 << 16]) :] if waiting else waiting
    except BlockingIOError:
        return waiting
    except OSError:
        waiting = waiting[:0]
    if not waiting:
        selector.unregister(stdin)
        with suppress(OSError):
            stdin.close()
    return waiting


def size_of(folder: Path) -> int:
    """Return the bytes that the files below a folder take on the disk, without following links."""
    total = 0
    for path, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                total += os.lstat(os.path.join(path, name)).st_blocks * 512
    return total
