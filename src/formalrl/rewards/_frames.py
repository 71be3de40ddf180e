"""Length-prefixed messages over a socket: blocking in a worker, buffered in the trainer."""

import socket
import struct
from collections.abc import Iterator

_LENGTH = struct.Struct("!I")

MAX_RESULT = 1 << 20
"""Bytes of one result; a longer one can only come from a process that writes garbage."""


def send(sock: socket.socket, data: bytes) -> None:
    """Send one message, waiting as long as it takes."""
    sock.sendall(_LENGTH.pack(len(data)) + data)


def receive(sock: socket.socket) -> bytes | None:
    """Return the next message, waiting for it; None when the other side is gone."""
    header = _exactly(sock, _LENGTH.size)
    return None if header is None else _exactly(sock, _LENGTH.unpack(header)[0])


def _exactly(sock: socket.socket, size: int) -> bytes | None:
    data = bytearray()
    while len(data) < size:
        piece = sock.recv(min(size - len(data), 1 << 20))
        if not piece:
            return None
        data += piece
    return bytes(data)


class Outbox:
    """Bytes on their way to a socket that does not block."""

    def __init__(self) -> None:
        self._data = bytearray()

    def put(self, message: bytes) -> None:
        """Append one message."""
        self._data += _LENGTH.pack(len(message))
        self._data += message

    def flush(self, sock: socket.socket) -> bool:
        """Send what goes; return whether everything is sent. Raises OSError when the other side is gone."""
        while self._data:
            try:
                sent = sock.send(memoryview(self._data)[: 1 << 18])
            except BlockingIOError:
                return False
            del self._data[:sent]
        return True


class Inbox:
    """Bytes that came from a socket that does not block, cut into messages."""

    def __init__(self) -> None:
        self._data = bytearray()

    def fill(self, sock: socket.socket) -> bool:
        """Read what is there; return whether the other side still is. Raises ValueError for garbage."""
        while True:
            try:
                piece = sock.recv(1 << 18)
            except BlockingIOError:
                return True
            except OSError:
                return False
            if not piece:
                return False
            self._data += piece
            if len(self._data) >= 4 and _LENGTH.unpack_from(self._data)[0] > MAX_RESULT:
                raise ValueError("a message is too long to be a result")
            if len(piece) < 1 << 18:
                return True

    def messages(self) -> Iterator[bytes]:
        """Yield and remove the complete messages."""
        start = 0
        while len(self._data) - start >= _LENGTH.size:
            size = _LENGTH.unpack_from(self._data, start)[0]
            if size > MAX_RESULT:
                raise ValueError("a message is too long to be a result")
            end = start + _LENGTH.size + size
            if len(self._data) < end:
                break
            yield bytes(self._data[start + _LENGTH.size : end])
            start = end
        del self._data[:start]
