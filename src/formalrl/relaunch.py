"""`accelerate launch --num_processes N` on a machine without GPUs starts one process; start the N that were asked for.

Accelerate's launcher runs several processes only for GPUs, for `--multi_gpu` or through MPI; else it sets MASTER_PORT
and starts one. Remove this module once `accelerate launch --num_processes 2` starts two processes on a CPU machine.
"""

import itertools
import os
import sys
from collections.abc import Mapping, Sequence

import psutil


def processes_missing(environment: Mapping[str, str], launcher: Sequence[str]) -> int:
    """Return how many processes to start in place of this one; 0 when nothing is missing.

    Args:
        environment: of this process.
        launcher: command line of the parent process.
    """
    alone = "MASTER_PORT" in environment and not {"LOCAL_RANK", "WORLD_SIZE"} & set(environment)
    if not alone or "ACCELERATE_MIXED_PRECISION" not in environment:
        return 0
    asked = _value(launcher, "num_processes")
    machines = _value(launcher, "num_machines") or 1
    return asked if asked > 1 and machines == 1 else 0


def _value(command: Sequence[str], name: str) -> int:
    """Return the number behind `--name`, spelled with dashes or underscores, with or without `=`; 0 without one."""
    words = [part for word in command for part in word.split("=", 1)]
    for word, value in itertools.pairwise(words):
        if word.lstrip("-").replace("-", "_") == name and value.isdecimal():
            return int(value)
    return 0


def start_missing_processes(arguments: Sequence[str]) -> None:
    """Replace this process by the ones that `accelerate launch` was asked for; return when there is nothing to do."""
    if "ACCELERATE_MIXED_PRECISION" not in os.environ:
        return
    parent = psutil.Process().parent()
    count = processes_missing(os.environ, parent.cmdline() if parent else [])
    if count:
        command = [sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc_per_node={count}"]
        os.execv(sys.executable, [*command, "-m", "formalrl", *arguments])
