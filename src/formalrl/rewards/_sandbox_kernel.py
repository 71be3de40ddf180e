"""What the Linux kernel offers to shut a process in: namespaces, read-only mounts, Landlock, seccomp, capabilities.

Plain system calls through ctypes, for a launcher that must start in milliseconds. Every function raises OSError when
the kernel refuses. See the manual pages namespaces(7), mount_setattr(2), landlock(7) and seccomp(2).
"""

import ctypes
import os
import struct

from formalrl.rewards._sandbox_syscalls import AUDIT_ARCH, CLONE, CLONE3, PRLIMIT, number_of

NEWNS, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET = 0x20000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_REC, MS_PRIVATE = 1, 2, 4, 8, 0x1000, 0x4000, 0x40000
_CLONE_THREAD = 0x10000
_ENOSYS, _EPERM = 38, 1
_MOUNT_SETATTR, _LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 442, 444, 445, 446
_NO_NEW_PRIVS, _SET_SECCOMP, _DEATH_SIGNAL, _SECCOMP_FILTER = 38, 22, 1, 2
_LIBC = ctypes.CDLL(None, use_errno=True)


class Attempt:
    """A block that may fail with an error of the system. (The module `contextlib` would take milliseconds to load.)"""

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        """Hold back errors of the system: what was attempted is then not in force."""
        return kind is not None and issubclass(kind, (OSError, ValueError))


def call(name: str, *arguments: object) -> int:
    """Call a function of the C library."""
    result = getattr(_LIBC, name)(*arguments)
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return result


def syscall(number: int, *arguments: object) -> int:
    """Make a system call by its number."""
    return call("syscall", ctypes.c_long(number), *arguments)


def die_with_parent() -> None:
    """Have this process killed when its parent ends."""
    call("prctl", _DEATH_SIGNAL, 9, 0, 0, 0)


def no_new_privileges() -> None:
    """Give up set-uid programs for good; Landlock and seccomp need it."""
    call("prctl", _NO_NEW_PRIVS, 1, 0, 0, 0)


def unshare(flags: int) -> None:
    """Move into new namespaces; a user namespace maps this user to itself and nobody else."""
    uid, gid = os.getuid(), os.getgid()
    call("unshare", flags)
    if flags & NEWUSER:
        for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(text)


def mount(source: str, target: str, kind: str = "", flags: int = 0, options: str = "") -> None:
    """Mount something; see mount(2)."""
    call("mount", source.encode(), target.encode(), kind.encode() or None, ctypes.c_ulong(flags), options.encode())


def make_read_only(path: str) -> None:
    """Make every mount below `path` read-only, in this mount namespace."""
    attributes = struct.pack("QQQQ", 0x1 | 0x2, 0, 0, 0)  # read-only, no set-uid
    syscall(_MOUNT_SETATTR, -100, path.encode(), 0x8000, attributes, ctypes.c_size_t(len(attributes)))


def mount_devices(staging: str) -> None:
    """Replace /dev by the five devices that hold nothing of anybody's; `staging` is an empty folder."""
    mount("tmpfs", staging, "tmpfs", MS_NOSUID | MS_NOEXEC, "size=64k")
    for name in ("null", "zero", "full", "random", "urandom"):
        with open(f"{staging}/{name}", "w"):
            pass
        mount(f"/dev/{name}", f"{staging}/{name}", flags=MS_BIND)
    mount(staging, "/dev", flags=MS_BIND | MS_REC)


def drop_capabilities() -> None:
    """Give up every capability, also those over an own user namespace."""
    header = struct.pack("Ii", 0x20080522, 0)
    call("capset", header, bytes(24))


def landlock_version() -> int:
    """Return the version of Landlock, 0 when there is none."""
    with Attempt():
        return syscall(_LANDLOCK_CREATE, None, ctypes.c_size_t(0), 1)
    return 0


def landlock(writable: list[str]) -> set[str]:
    """Forbid writing outside some paths; return what is forbidden: `files`, and from version 6 `signals`."""
    version = landlock_version()
    if version < 3:  # truncating a file is not covered before
        raise OSError(95, "landlock: the kernel's version is too old")
    writing = sum(1 << bit for bit in (1, *range(4, 15), *((15,) if version >= 5 else ())))
    fields = [writing]
    if version >= 4:
        fields.append(0b11)  # binding and connecting TCP
    if version >= 6:
        fields.append(0b11)  # abstract sockets and signals to processes outside
    rules = struct.pack(f"{len(fields)}Q", *fields)
    ruleset = syscall(_LANDLOCK_CREATE, rules, ctypes.c_size_t(len(rules)), 0)
    for path in writable:
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
        allowed = writing if os.path.isdir(path) else writing & (1 << 1 | 1 << 14 | 1 << 15)
        syscall(_LANDLOCK_ADD, ruleset, 1, struct.pack("=Qi", allowed, fd), 0)
        os.close(fd)
    no_new_privileges()
    syscall(_LANDLOCK_RESTRICT, ruleset, 0)
    os.close(ruleset)
    return {"files", "signals"} if version >= 6 else {"files"}


def seccomp(forbidden: list[str], *, may_fork: bool) -> None:
    """Make system calls fail with EPERM, by name; without `may_fork` threads remain possible, processes do not."""
    machine = os.uname().machine
    if machine not in AUDIT_ARCH:
        raise OSError(95, f"seccomp: no table of system calls for {machine}")
    denied = [number for name in forbidden if (number := number_of(name, machine)) is not None]
    program = _filter(machine, denied, may_fork)
    buffer = ctypes.create_string_buffer(program, len(program))
    no_new_privileges()
    header = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(buffer))
    call("prctl", _SET_SECCOMP, _SECCOMP_FILTER, header, 0, 0)


def _filter(machine: str, denied: list[int], may_fork: bool) -> bytes:
    """The filter as a program of the kernel's packet filter: (code, if true, if false, value) by (code, ...)."""
    load, equal, at_least, has_bits, give = 0x20, 0x15, 0x35, 0x45, 0x06
    allow, kill, refuse, absent = 0x7FFF0000, 0x80000000, 0x00050000 | _EPERM, 0x00050000 | _ENOSYS
    index = list(AUDIT_ARCH).index(machine)
    steps: list[tuple[int, int, int, int]] = [
        (load, 0, 0, 4),  # the architecture
        (equal, 1, 0, AUDIT_ARCH[machine]),
        (give, 0, 0, kill),
        (load, 0, 0, 0),  # the number of the system call
    ]
    if machine == "x86_64":
        steps += [(at_least, 0, 1, 0x40000000), (give, 0, 0, refuse)]
    for number in denied:
        steps += [(equal, 0, 1, number), (give, 0, 0, refuse)]
    steps += [(equal, 0, 1, CLONE3[index]), (give, 0, 0, absent)]  # its flags are out of a filter's sight
    forbidden_flags = NEWUSER | NEWPID | NEWNET | NEWNS | NEWIPC | NEWUTS
    clone = (has_bits, 0, 1, forbidden_flags) if may_fork else (has_bits, 1, 0, _CLONE_THREAD)
    steps += [(equal, 0, 3, CLONE[index]), (load, 0, 0, 16), clone, (give, 0, 0, refuse), (load, 0, 0, 0)]
    steps += [(equal, 0, 3, PRLIMIT[index]), (load, 0, 0, 16), (equal, 1, 0, 0), (give, 0, 0, refuse)]
    steps.append((give, 0, 0, allow))
    return b"".join(struct.pack("HBBI", *step) for step in steps)
