import socket

import pytest

from formalrl.rewards._frames import Inbox, Outbox, receive, send


def pair():
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    return ours, theirs


def test_messages_survive_cuts_anywhere():
    ours, theirs = pair()
    inbox, sent = Inbox(), [b"", b"a", b"b" * 1000]
    data = b"".join(len(m).to_bytes(4, "big") + m for m in sent)
    found = []
    for byte in data:
        theirs.sendall(bytes([byte]))
        assert inbox.fill(ours)
        found += inbox.messages()
    assert found == sent


def test_a_long_message_goes_out_in_pieces_without_blocking():
    ours, theirs = pair()
    outbox, message = Outbox(), b"x" * 5_000_000
    outbox.put(message)
    assert not outbox.flush(ours)
    received = bytearray()
    while len(received) < len(message) + 4:
        received += theirs.recv(1 << 20)
        outbox.flush(ours)
    assert bytes(received[4:]) == message


def test_both_blocking_ends_agree_and_notice_the_end():
    ours, theirs = socket.socketpair()
    send(ours, b"hello")
    assert receive(theirs) == b"hello"
    ours.close()
    assert receive(theirs) is None


def test_the_end_and_garbage_are_noticed():
    ours, theirs = pair()
    theirs.sendall(b"\xff\xff\xff\xff")
    with pytest.raises(ValueError, match="too long"):
        Inbox().fill(ours)
    theirs.close()
    assert not Inbox().fill(ours)
