import os
import socket

from formalrl.rewards._jobs import Job
from formalrl.rewards._slot import ASYNC_GRACE, Slot


def slot_and_ends():
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    output, output_write = os.pipe()
    os.set_blocking(output, False)
    return Slot(0, ours, output, 10.0), theirs, output_write


def test_only_what_is_under_way_has_a_deadline():
    slot, _, _ = slot_and_ends()
    assert slot.deadline(1.0, 60.0) == 70.0
    slot.state = "idle"
    assert slot.deadline(1.0, 60.0) is None
    slot.give(Job("each", 0, (3, 4)), b"", 20.0)
    assert slot.deadline(1.0, 60.0) == 21.0
    assert list(slot.left) == [3, 4]
    slot.give(Job("async", 0, (3, 4)), b"", 20.0)
    assert slot.deadline(1.0, 60.0) == 21.0 + ASYNC_GRACE
    slot.state = "ending"
    assert slot.deadline(1.0, 60.0) is None


def test_output_is_counted_and_its_end_is_shown():
    slot, _, output = slot_and_ends()
    os.write(output, b"x" * 5000 + b"last")
    assert slot.read_output()
    assert slot.printed == 5004
    assert slot.shown_output().endswith("xlast") and len(slot.shown_output()) < 1100
    os.close(output)
    assert not slot.read_output()
    slot.close()


def test_messages_are_json():
    slot, theirs, _ = slot_and_ends()
    theirs.sendall(b'\x00\x00\x00\x09["ready"]')
    slot.inbox.fill(slot.sock)
    assert slot.messages() == [["ready"]]
