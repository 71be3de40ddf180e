import os
import struct

import pytest

from formalrl.rewards import _sandbox_kernel as kernel
from formalrl.rewards._sandbox_syscalls import ESCAPES, number_of

ALLOW, KILL, REFUSE = 0x7FFF0000, 0x80000000, 0x00050001
X86 = 0xC000003E


def decide(program: bytes, arch: int, number: int, argument: int = 0) -> int:
    """What the filter says to a system call, by carrying out its instructions."""
    data = {4: arch, 0: number, 16: argument}
    steps = list(struct.iter_unpack("HBBI", program))
    position = value = 0
    while True:
        code, if_true, if_false, operand = steps[position]
        position += 1
        if code == 0x20:
            value = data[operand]
        elif code == 0x06:
            return operand
        else:
            true = {0x15: value == operand, 0x35: value >= operand, 0x45: bool(value & operand)}[code]
            position += if_true if true else if_false


def test_the_filter_refuses_what_is_listed_and_nothing_else():
    denied = [n for name in ESCAPES if (n := number_of(name, "x86_64")) is not None]
    program = kernel._filter("x86_64", denied, may_fork=False)
    for number in range(460):
        expected = REFUSE if number in denied or number == 56 else 0x00050026 if number == 435 else ALLOW
        assert decide(program, X86, number) == expected, number
    assert decide(program, X86, 56, 0x10000) == ALLOW  # a thread
    assert decide(program, X86, 302, 7) == REFUSE  # limits of another process
    assert decide(program, X86, 0x40000000) == REFUSE  # the other numbering of the same machine
    assert decide(program, 0x40000003, 1) == KILL  # 32-bit calls


def test_with_processes_allowed_only_new_namespaces_are_refused():
    program = kernel._filter("x86_64", [], may_fork=True)
    assert decide(program, X86, 56, 0x11) == ALLOW
    assert decide(program, X86, 56, 0x10000000 | 0x11) == REFUSE


def test_a_refused_call_is_an_error():
    with pytest.raises(OSError, match="prctl"):
        kernel.call("prctl", -1, 0, 0, 0, 0)
    assert kernel.landlock_version() >= 0
    assert os.getpid() > 0
