"""Train on the toy task; at step 3 kill copies of the trainer at every stage of its writes; resume each copy.

    python kill_in_write.py FOLDER

The copies are forks of this process, which has one thread, each with a run folder of its own: it sends SIGKILL to
itself at its k-th file operation, or the kernel ends it at the k-th byte of a file. Prints a JSON object for each.
"""

import json
import os
import resource
import shutil
import signal
import sys
from contextlib import closing
from functools import partial
from pathlib import Path

from safetensors.torch import load_file

from formalrl.config import resolve
from formalrl.training import loop
from formalrl.training.checkpoint import newest_whole
from formalrl.training.run import prepare_run, run_training

TOY = str(Path(__file__).parents[1] / "toy_task.py")
KILLED_AT, LAST = 3, 4
SETTINGS = {
    "max_steps": LAST,
    "save_steps": 1,
    "eval_steps": 1,
    "num_eval_prompts": 4,
    "num_diagnostic_prompts": 4,
}
OPERATIONS = ("open", "os.mkdir", "os.rename", "os.remove", "os.rmdir")
TIMES = ("time/", "throughput/", "memory/")
write, evaluate = loop.save_checkpoint, loop.evaluate


def train(folder, *, resume=False):
    """Train to the last step, without the report."""
    config = resolve({"task": TOY, **SETTINGS, "output_dir": str(folder)})
    prepared = prepare_run(config, resume=resume, on_event=lambda kind, payload: None)
    with closing(prepared.engine.scorer):
        run_training(prepared)


def evaluate_better(engine, step, *known):
    """Evaluate, with an accuracy that rises from step to step: each has a `best` checkpoint to write."""
    found = evaluate(engine, step, *known)
    found.row["accuracy"] = step / 10
    return found


def kill_at(number, folder):
    """Send SIGKILL to this process at its file operation of that number in the folder; 0 is the first."""
    left = [number]

    def look(event, arguments):
        if event not in OPERATIONS or not concerns(folder, event, arguments):
            return
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left[0] -= 1

    sys.addaudithook(look)


def concerns(folder, event, arguments):
    """Whether an operation changes the folder; what is removed in a tree is named without its folder."""
    in_tree = event in ("os.remove", "os.rmdir") and arguments[-1] != -1
    written = event != "open" or bool(arguments[2] & (os.O_WRONLY | os.O_RDWR))
    return in_tree or (written and str(arguments[0]).startswith(str(folder)))


def end_at_byte(number, folder):
    """Have the kernel end this process when it writes past that byte of any file."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_FSIZE, (number, number))


def write_in_fork(run_dir, copy, prepare, engine, state, best):
    """Write the checkpoint in a fork, to a copy of the run; return the signal that ended it, 0 when it finished."""
    shutil.copytree(run_dir, copy)
    pid = os.fork()
    if pid == 0:
        try:
            prepare(copy)
            write(engine, state, copy, best=best)
        finally:
            os._exit(0)
    status = os.waitpid(pid, 0)[1]
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


def save(base, killed, engine, state, run_dir, *, best=False):
    """Write a checkpoint; at one step, kill forks in the same write before."""
    if state.step == KILLED_AT:
        name, last = "best" if best else "numbered", (engine, state, best)
        whole = base / f"{name}-whole"
        assert write_in_fork(run_dir, whole, lambda copy: None, *last) == 0
        files = (whole / ("best" if best else f"checkpoint-{KILLED_AT}")).iterdir()
        bytes_ = [0, *sorted({file.stat().st_size - 1 for file in files})]
        stages = [(f"{name}-operation-{n}", partial(kill_at, n), signal.SIGKILL) for n in range(500)]
        for stage, prepare, expected in stages:
            if write_in_fork(run_dir, base / stage, prepare, *last) != expected:
                break  # the write was over before its operation of that number
            killed.append(base / stage)
        for n in bytes_:
            stage = base / f"{name}-byte-{n}"
            assert write_in_fork(run_dir, stage, partial(end_at_byte, n), *last) == signal.SIGXFSZ
            killed.append(stage)
    return write(engine, state, run_dir, best=best)


def rows(path):
    found = [json.loads(line) for line in path.read_text().splitlines()]
    return [{name: value for name, value in row.items() if not name.startswith(TIMES)} for row in found]


def same(one, other):
    """Whether two runs ended with the same numbers and the same weights, and left nothing unfinished."""
    logs = all(rows(one / name) == rows(other / name) for name in ("metrics.jsonl", "eval.jsonl", "samples.jsonl"))
    names = [sorted(path.name for path in folder.iterdir() if path.name != "superseded") for folder in (one, other)]
    weights = [load_file(folder / f"checkpoint-{LAST}" / "model.safetensors") for folder in (one, other)]
    equal = all(value.equal(weights[1][name]) for name, value in weights[0].items())
    return logs and names[0] == names[1] and equal


def main(base):
    killed = []
    os.fsync = lambda descriptor: None  # what a process has written outlives its kill; only power cuts need this
    loop.evaluate = evaluate_better
    loop.save_checkpoint = partial(save, base, killed)
    train(base / "run")
    loop.save_checkpoint = write
    for folder in killed:
        found, notes = newest_whole(folder)
        before = sorted(path.name for path in folder.iterdir())
        train(folder, resume=True)
        facts = {"stage": folder.name, "from": found.name, "notes": notes, "before": before}
        print(json.dumps({**facts, "same": same(folder, base / "run")}), flush=True)


main(Path(sys.argv[1]))
