"""The command line: `formalrl COMMAND`. Exit codes: 0 done, 1 failed, 2 bad input, 130 interrupted."""

import errno
import importlib
import os
import sys
from collections.abc import Sequence
from contextlib import nullcontext

from formalrl.errors import FormalRLError, nearest

COMMANDS = {
    "train": ("formalrl.cli.train", "train a policy on a task"),
    "sweep": ("formalrl.cli.sweep", "train many settings with several seeds each, and compare them"),
    "sft": ("formalrl.cli.sft", "only the supervised warm start"),
    "eval": ("formalrl.cli.evaluate", "evaluate a run or a checkpoint on held-out prompts"),
    "sample": ("formalrl.cli.sample", "show completions of a run or of a model"),
    "report": ("formalrl.cli.report", "write the report of a run, or one about several"),
    "reproduce": ("formalrl.cli.reproduce", "test a claim of the paper"),
    "tasks": ("formalrl.cli.tasks", "list the tasks, or show one"),
    "check-reward": ("formalrl.cli.check_reward", "find what is wrong with a reward before training"),
    "games": ("formalrl.cli.games", "check, evaluate and play board games"),
    "doctor": ("formalrl.cli.doctor", "check this machine and this installation"),
}
"""Command -> the module with its `run(arguments) -> Outcome`, and what it does."""

_ADVICE = {
    errno.ENOSPC: "free some space, or write elsewhere with --output-dir",
    errno.EDQUOT: "free some space, or write elsewhere with --output-dir",
    errno.EACCES: "choose a place that you may use",
    errno.EPERM: "choose a place that you may use",
    errno.EROFS: "choose a place that can be written",
    errno.ENAMETOOLONG: "choose a shorter name",
}
"""Failures of the file system that are no fault of the program -> what to do."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return the exit code."""
    from formalrl.cli.output import quiet_third_parties, warnings_in_one_line

    arguments = list(sys.argv[1:] if arguments is None else arguments)
    quiet_third_parties()
    try:
        with warnings_in_one_line():
            code = _run(arguments)
        sys.stdout.flush()
        return code
    except FormalRLError as error:
        return _fail(str(error))
    except KeyboardInterrupt:
        print("stopped.", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except SystemExit as error:  # how rich reports the same
        if isinstance(error.__context__, BrokenPipeError):
            return 0
        raise
    except OSError as error:
        if error.errno not in _ADVICE:
            raise
        return _fail(f"{error.filename or 'a file'}: {error.strerror}: {_ADVICE[error.errno]}.")


def _run(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        return _overview()
    if arguments[0] in ("-V", "--version"):
        from formalrl import __version__

        print(f"formalrl {__version__}")
        return 0
    name = arguments[0]
    if name not in COMMANDS:
        known = ", ".join(COMMANDS)
        return _fail(f"there is no command {name!r}: the known ones are {known}.{nearest(name, COMMANDS)}")
    from formalrl.cli.output import stdout_to_stderr

    with stdout_to_stderr() if "--json" in arguments else nullcontext():
        outcome = importlib.import_module(COMMANDS[name][0]).run(arguments[1:])
    return outcome.print()


def _overview() -> int:
    width = max(map(len, COMMANDS)) + 2
    commands = "\n".join(f"  {name:<{width}}{summary}" for name, (_, summary) in COMMANDS.items())
    print(
        "formalrl: reinforcement learning of language models with programmed rewards\n\n"
        f"usage: formalrl COMMAND [OPTIONS]\n\n{commands}\n\n"
        "first steps\n"
        "  formalrl tasks                       what there is to learn\n"
        "  formalrl train arithmetic            train a small model from scratch\n"
        "  formalrl train my_task.py --help     every option, for a task of your own\n\n"
        "`formalrl COMMAND --help` says more."
    )
    return 0


def _fail(message: str) -> int:
    print(f"error: {' '.join(message.split())}", file=sys.stderr)
    return 2
