"""Shut this process in, then run the program: the first thing that runs inside the sandbox.

Started by `sandbox.run` as a fresh interpreter without site packages and with a scrubbed environment. It reads the
request, sets up what the kernel allows, reports which protections are in force, closes the way back, and runs.

Request: `{"backend", "limits", "argv" or "source", "files", "work", "hide"}`. Report: `{protection: how}`. Both are
marshalled, and few modules are imported here: each costs every program a millisecond or more.
"""

import marshal
import os
import resource
import sys

from formalrl.rewards import _sandbox_kernel as kernel
from formalrl.rewards._sandbox_syscalls import ESCAPES, FORKS, METADATA, NETWORK, SIGNALS

Request = dict
"""What `sandbox.run` asks for."""

BOX = "/tmp/box"
"""The program's folder where the sandbox has a file system of its own."""


def main(request_fd: int, report_fd: int) -> None:
    """Do all of it; never returns."""
    with open(request_fd, "rb") as file:
        request = marshal.load(file)
    protections = {"environment": "scrubbed", "time": "kill", "output": "cap"}
    with kernel.Attempt():
        kernel.die_with_parent()
    if request["backend"] == "namespaces":
        _enter_namespaces(request, protections)
    elif request["backend"] == "bubblewrap":
        protections |= dict.fromkeys(("files", "network", "other_processes", "disk"), "bubblewrap")
    _fill(request)
    _limit(request["limits"], protections)
    _restrict(request, protections)
    os.write(report_fd, marshal.dumps(protections))
    os.close(report_fd)
    _run(request)


def _enter_namespaces(request: Request, protections: dict[str, str]) -> None:
    """Go on as a grandchild that sees no network, no other process, and only files that it cannot change."""
    flags = kernel.NEWNS | kernel.NEWPID | kernel.NEWNET | kernel.NEWIPC | kernel.NEWUTS | kernel.NEWUSER
    kernel.unshare(flags)
    _go_on_as_child()
    _mount(request)
    _go_on_as_child()
    protections |= dict.fromkeys(("files", "network", "other_processes", "disk"), "namespace")


def _mount(request: Request) -> None:
    """Make all there is read-only, then put fresh file systems over what a program may write, or must not see."""
    limits = request["limits"]
    quiet = kernel.MS_NOSUID | kernel.MS_NODEV
    kernel.mount("none", "/", flags=kernel.MS_REC | kernel.MS_PRIVATE)
    kernel.make_read_only("/")
    kernel.mount("tmpfs", "/tmp", "tmpfs", quiet, f"size={limits['disk_bytes']},mode=755")
    os.mkdir(BOX)
    os.mkdir("/tmp/.dev")
    kernel.mount_devices("/tmp/.dev")
    try:
        kernel.mount("proc", "/proc", "proc", quiet | kernel.MS_NOEXEC | kernel.MS_RDONLY)
    except OSError:  # a container that hides parts of /proc allows no new one
        kernel.mount("tmpfs", "/proc", "tmpfs", quiet | kernel.MS_RDONLY, "size=4k")
    for path in request["hide"]:
        with kernel.Attempt():
            kernel.mount("tmpfs", path, "tmpfs", quiet | kernel.MS_RDONLY, "size=4k")


def _go_on_as_child() -> None:
    """Fork; the parent waits for the child and ends as it did."""
    pid = os.fork()
    if pid == 0:
        kernel.die_with_parent()
        return
    os.closerange(0, 1024)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os._exit(status if status >= 0 else 128 - status)


def _fill(request: Request) -> None:
    """Enter the program's folder and write the files it was given."""
    os.chdir(request["work"])
    os.environ.pop("PWD", None)
    for name, text in request["files"].items():
        with open(name, "w", encoding="utf-8", errors="surrogatepass") as file:
            file.write(text)


def _limit(limits: Request, protections: dict[str, str]) -> None:
    """Set the resource limits."""
    cpu = int(limits["cpu_s"])
    wanted = {
        "cpu": (resource.RLIMIT_CPU, cpu, cpu + 1),
        "memory": (resource.RLIMIT_AS, limits["memory_bytes"], limits["memory_bytes"]),
        "file_size": (resource.RLIMIT_FSIZE, limits["file_bytes"], limits["file_bytes"]),
        "open_files": (resource.RLIMIT_NOFILE, 64, 64),
        "core": (resource.RLIMIT_CORE, 0, 0),
    }
    if limits["processes"] > 1 and os.getuid() != 0:  # the kernel does not count the processes of root
        wanted["processes"] = (resource.RLIMIT_NPROC, limits["processes"], limits["processes"])
    for name, (number, soft, hard) in wanted.items():
        with kernel.Attempt():
            resource.setrlimit(number, (soft, hard))
            protections[name] = "rlimit"


def _restrict(request: Request, protections: dict[str, str]) -> None:
    """Give up capabilities, writing elsewhere, and system calls."""
    own_file_system = request["backend"] in ("namespaces", "bubblewrap")
    may_fork = request["limits"]["processes"] > 1
    if request["backend"] == "limits" or not sys.platform.startswith("linux"):
        return
    with kernel.Attempt():
        kernel.drop_capabilities()
        kernel.no_new_privileges()
    signals: set[str] = set()
    with kernel.Attempt():
        devices = [path for path in ("/dev/null", "/dev/zero", "/dev/full") if os.path.exists(path)]
        signals = kernel.landlock([request["work"], *devices])
        protections.setdefault("files", "landlock")
    with kernel.Attempt():
        groups = [ESCAPES, NETWORK]
        groups += [] if own_file_system else [SIGNALS, METADATA]
        groups += [] if may_fork else [FORKS]
        kernel.seccomp([name for group in groups for name in group], may_fork=may_fork)
        protections.setdefault("network", "seccomp")
        if not may_fork:
            protections["processes"] = "seccomp"
        if signals:
            signals.add("signals")
    if "signals" in signals:  # Landlock hides the memory and the environment of processes outside
        protections.setdefault("other_processes", "landlock")


def _run(request: Request) -> None:
    """Become the program; Python source runs in this interpreter, from which our own modules are gone."""
    argv, source = request["argv"], request["source"]
    os.closerange(3, 1024)
    if argv is not None:
        import signal

        for number in (signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_DFL)
        try:
            os.execvp(argv[0], argv)
        except OSError as error:
            os.write(2, f"{argv[0]}: {error.strerror}\n".encode())
            os._exit(127)
    for name in [name for name in sys.modules if name.startswith("formalrl") or name in ("ctypes", "_ctypes")]:
        del sys.modules[name]
    sys.argv[:] = ["program"]
    names = {"__name__": "__main__", "__builtins__": __builtins__}
    exec(compile(source, "program.py", "exec"), names)
