"""Run a program that a model wrote, so that it can do nothing but compute, and not for long.

    result = run("print(sum(map(int, input().split())))", stdin="1 2 3")
    result.stdout            # "6\n"
    result.protections       # {"network": "namespace", "files": "bubblewrap", "memory": "rlimit", ...}

Three ways, the first that works on this machine: bubblewrap where it is installed; namespaces of our own; Landlock and
seccomp, where a container allows no namespaces. What is in force is reported by the launcher that set it up.
"""

import functools
import marshal
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from formalrl.errors import ConfigError, FormalRLError
from formalrl.rewards._sandbox_launch import BOX
from formalrl.rewards._sandbox_watch import watch

Backend = Literal["bubblewrap", "namespaces", "restricted", "limits"]

BACKENDS: tuple[Backend, ...] = ("bubblewrap", "namespaces", "restricted")
"""In the order of preference. `limits` (time, memory, ... but no isolation) is used only when allowed."""
ISOLATION = ("files", "network", "other_processes")
"""Protections without which nothing is run, unless `allow_unprotected` is set."""

_ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONHASHSEED": "0"}
_PROGRAM = """
import sys, types
for name in ("formalrl", "formalrl.rewards"):
    package = sys.modules[name] = types.ModuleType(name)
    package.__path__ = [sys.argv[1] + "/" + name.replace(".", "/")]
from formalrl.rewards._sandbox_launch import main
main(int(sys.argv[2]), int(sys.argv[3]))
"""
"""Starts the launcher without the modules that the packages themselves would load."""
_ROOT = str(Path(__file__).resolve().parents[2])
_NOBODY = 65534
_HIDDEN = ("/home", "/root", "/run", "/var/run", "/mnt", "/media", "/srv", "/var/tmp")


class SandboxError(FormalRLError, RuntimeError):
    """A program could not be run, or only without the protections that were asked for."""


@dataclass(frozen=True)
class SandboxLimits:
    """What a program may use."""

    wall_s: float = 5.0
    """Seconds of the wall clock, the start of the interpreter included."""
    cpu_s: int = 5
    """Seconds of processor time of each process."""
    memory_bytes: int = 512 << 20
    """Address space of each process."""
    file_bytes: int = 8 << 20
    """Size of one file."""
    disk_bytes: int = 16 << 20
    """Size of all files together."""
    processes: int = 1
    """1: the program cannot start others (threads it can). More are counted for all processes of its user."""
    output_bytes: int = 1 << 16
    """What it may write to standard output, and as much to standard error."""

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if value <= 0:
                raise ConfigError(f"the sandbox limit {name} is {value!r}: it must be above 0.")


@dataclass(frozen=True)
class SandboxResult:
    """What came out."""

    exit_code: int | None
    """128 + n when signal n ended it; None when it was stopped."""
    stopped: Literal["", "time", "output", "disk"]
    """The limit at which it was killed from outside; memory and processor time show in `exit_code` and `stderr`."""
    stdout: str
    stderr: str
    seconds: float
    """Of the wall clock, with the launcher's share."""
    backend: Backend
    protections: Mapping[str, str] = field(default_factory=dict)
    """Protection -> what gives it; a protection that is not here was not in force."""

    @property
    def ok(self) -> bool:
        """True when the program ended by itself with exit code 0."""
        return self.exit_code == 0 and not self.stopped


def run(
    program: str | Sequence[str],
    stdin: str = "",
    limits: SandboxLimits | None = None,
    *,
    files: Mapping[str, str] | None = None,
    backend: Backend | None = None,
    allow_unprotected: bool = False,
) -> SandboxResult:
    """Run Python source (a text) or a command (a list) in an empty temporary folder and return what came out.

    Args:
        program: Python source, run by this interpreter without site packages; or a command and its arguments.
        stdin: its standard input.
        limits: what it may use.
        files: files to put into its folder: name -> text.
        backend: how; None takes the best that this machine has.
        allow_unprotected: run also where files, network or other processes cannot be protected.

    Raises SandboxError when the machine cannot give these protections, or the sandbox cannot be set up.
    """
    limits = limits or SandboxLimits()
    chosen = backend or best_backend()
    if chosen is None:
        if not allow_unprotected:
            raise SandboxError(
                "this machine offers no isolation for programs that a model wrote (tried: bubblewrap, namespaces,"
                " Landlock with seccomp): install bubblewrap, or set allow_unprotected if a container protects you."
            )
        chosen = "limits"
    result = _run(program, stdin, limits, files or {}, chosen)
    missing = [name for name in ISOLATION if name not in result.protections]
    if missing and not allow_unprotected:
        raise SandboxError(
            f"the sandbox ({chosen}) gives no protection of {', '.join(missing)}: set allow_unprotected."
        )
    return result


@functools.cache
def best_backend() -> Backend | None:
    """Return the first backend with which a program runs isolated on this machine; None when there is none."""
    for backend in BACKENDS:
        with suppress(SandboxError):
            result = _run("print(1)", "", SandboxLimits(wall_s=20.0), {}, backend)
            if result.stdout == "1\n" and all(name in result.protections for name in ISOLATION):
                return backend
    return None


def protections(limits: SandboxLimits | None = None) -> Mapping[str, str]:
    """Return what would be in force for a program on this machine; empty when nothing would be run."""
    return run("", limits=limits).protections if best_backend() else {}


def _run(
    program: str | Sequence[str], stdin: str, limits: SandboxLimits, files: Mapping[str, str], backend: Backend
) -> SandboxResult:
    if bad := next((name for name in files if "/" in name or name in ("", ".", "..")), None):
        raise SandboxError(f"the file name {bad!r} leaves the sandbox's folder: give plain names.")
    if backend == "bubblewrap" and shutil.which("bwrap") is None:
        raise SandboxError("bubblewrap is not installed: install it, or choose another backend.")
    folder: Path | None = None
    with _work_folder(backend, limits) as work, tempfile.TemporaryFile() as request:
        request.write(marshal.dumps(_request(program, limits, files, backend, work)))
        request.seek(0)
        report, report_write = os.pipe()
        try:
            process = _start(backend, limits, work, request.fileno(), report_write)
        finally:
            os.close(report_write)
        if backend in ("restricted", "limits"):
            folder = Path(work)
        with open(report, "rb", closefd=True) as told_file:
            seen = watch(process, stdin, limits.wall_s, limits.output_bytes, limits.disk_bytes, folder)
            told = told_file.read()
    if not told and not seen.stopped:
        raise SandboxError(
            f"the sandbox ({backend}) could not be set up: {seen.stderr.strip()[-500:] or seen.exit_code}"
        )
    protections = marshal.loads(told) if told else {}
    if folder is not None:
        protections["disk"] = "watched"
    return SandboxResult(seen.exit_code, seen.stopped, seen.stdout, seen.stderr, seen.seconds, backend, protections)


def _request(
    program: str | Sequence[str], limits: SandboxLimits, files: Mapping[str, str], backend: Backend, work: str
) -> dict[str, Any]:
    """What the launcher must know."""
    source = program if isinstance(program, str) else None
    argv = None if isinstance(program, str) else list(program)
    hide = [path for path in _HIDDEN if os.path.isdir(path) and not _is_needed(path)]
    content = {"backend": backend, "limits": asdict(limits), "work": work, "hide": hide}
    return {**content, "source": source, "argv": argv, "files": dict(files)}


def _start(backend: Backend, limits: SandboxLimits, work: str, request: int, report: int) -> "subprocess.Popen[bytes]":
    user = _other_user(limits)
    return subprocess.Popen(
        _command(backend, limits, request, report),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        pass_fds=[request, report],
        start_new_session=True,
        env={**_ENVIRONMENT, "HOME": work},
        user=user,
        group=None if user is None else _NOBODY,
        extra_groups=None if user is None else [],
    )


@contextmanager
def _work_folder(backend: Backend, limits: SandboxLimits) -> Iterator[str]:
    """The program's folder: on the disk, where the sandbox has no file system of its own."""
    if backend in ("bubblewrap", "namespaces"):
        yield BOX
        return
    with tempfile.TemporaryDirectory(prefix="formalrl-box-", ignore_cleanup_errors=True) as folder:
        if (user := _other_user(limits)) is not None:
            os.chown(folder, user, _NOBODY)
        yield folder


def _command(backend: Backend, limits: SandboxLimits, request: int, report: int) -> list[str]:
    python = [os.path.realpath(sys.executable), "-s", "-S", "-P", "-c", _PROGRAM, _ROOT, str(request), str(report)]
    if backend != "bubblewrap":
        return python
    command = [
        shutil.which("bwrap") or "bwrap",
        "--unshare-all",
        "--die-with-parent",
        "--new-session",
        "--cap-drop",
        "ALL",
    ]
    command += ["--size", str(limits.disk_bytes), "--tmpfs", "/tmp", "--dir", BOX, "--proc", "/proc", "--dev", "/dev"]
    for path in (
        "/usr",
        "/bin",
        "/sbin",
        "/lib",
        "/lib32",
        "/lib64",
        "/etc/alternatives",
        "/etc/ld.so.cache",
        *_needed(),
    ):
        if os.path.exists(path):
            command += ["--ro-bind", path, path]
    return [*command, "--remount-ro", "/", "--chdir", BOX, "--", *python]


def _needed() -> list[str]:
    """Folders that the launcher reads: the interpreter's, and this package."""
    package = str(Path(__file__).resolve().parents[1])
    return [sys.base_prefix, os.path.dirname(os.path.realpath(sys.executable)), package]


def _is_needed(path: str) -> bool:
    real = os.path.realpath(path)
    return any(needed == real or needed.startswith(real + "/") for needed in map(os.path.realpath, _needed()))


def _other_user(limits: SandboxLimits) -> int | None:
    """For root, of whom the kernel counts no processes: another user, if that one can read the interpreter."""
    if limits.processes <= 1 or os.getuid() != 0:
        return None
    for path in _needed():
        for folder in (Path(path), *Path(path).parents):
            if not folder.stat().st_mode & 0o001:
                return None
    return 61000 + os.getpid() % 4000
