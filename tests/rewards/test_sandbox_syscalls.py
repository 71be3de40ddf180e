import ctypes
import os

from formalrl.rewards import _sandbox_syscalls as table


def test_no_two_calls_of_a_machine_share_a_number():
    for machine in table.AUDIT_ARCH:
        numbers = [n for name in table._ALL if (n := table.number_of(name, machine)) is not None]
        assert len(set(numbers)) == len(numbers)


def test_numbers_are_those_of_this_kernel():
    if os.uname().machine not in table.AUDIT_ARCH:
        return
    libc = ctypes.CDLL(None, use_errno=True)
    for name, arguments in [("socket", (-1, 0, 0)), ("kill", (os.getpid(), 999)), ("setns", (-1, 0))]:
        number = table.number_of(name, os.uname().machine)
        assert libc.syscall(number, *arguments) == -1
        assert ctypes.get_errno() in {"socket": (97, 22), "kill": (22,), "setns": (9, 22)}[name]
