"""What the reward pool costs: overhead of a trivial reward, a slow reward on all cores, and a batch full of faults.

    python benchmarks/rewards.py [--rows 1024] [--repeats 7] [--no-trl] [--save]

Side by side: plain calls in this process, the pool, and the way TRL's GRPOTrainer calls a reward function (once for the
whole batch, in the trainer's process). One JSON object goes to standard output, and with --save to the history.
"""

import argparse
import ctypes
import json
import os
import signal
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

from _report import append_history, circumstances

from formalrl.rewards._pool import RewardPool, num_cores
from formalrl.rewards.call import RewardKey, score_rows
from formalrl.rewards.signature import RewardRow

KEY = RewardKey(seed=0, step=1)
FAULTS = ("hang", "raise", "segfault", "memory", "children", "print", "nan", "text", "list", "kill")
TIMEOUT_S = 0.5


def trivial(prompt: str, completion: str, answer: str) -> float:
    """Compare two texts."""
    return float(completion.strip() == answer)


def trivial_batch(prompts: Sequence[str], completions: Sequence[str], answer: Sequence[str], **_: Any) -> list[float]:
    """Do the same in TRL's form."""
    return [float(c.strip() == a) for c, a in zip(completions, answer, strict=True)]


def waiting(prompt: str, completion: str, answer: str) -> float:
    """Take 50 ms of the wall clock, as a reward that asks another program does."""
    time.sleep(0.05)
    return 1.0


def faulty(prompt: str, completion: str, answer: str) -> Any:
    """Do what the completion says."""
    if completion == "hang":
        time.sleep(1000)
    if completion == "raise":
        raise ValueError("no")
    if completion == "segfault":
        ctypes.string_at(0)
    if completion == "memory":
        return len([bytearray(1 << 34)])
    if completion == "children":
        os.fork()
        time.sleep(1000)
    if completion == "print":
        while True:
            print("x" * 1000)
    if completion == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    return {"nan": float("nan"), "text": "abc", "list": [1.0]}.get(completion, float(len(completion)))


def timed(action: Callable[[], Any], repeats: int) -> dict[str, float]:
    """Return median and spread of the seconds that an action takes, after one run that does not count."""
    action()
    seconds = []
    for _ in range(repeats):
        began = time.perf_counter()
        action()
        seconds.append(time.perf_counter() - began)
    return {"median_s": statistics.median(seconds), "min_s": min(seconds), "max_s": max(seconds)}


def overhead(rows: list[RewardRow], repeats: int, with_trl: bool) -> dict[str, Any]:
    """Milliseconds a call of a trivial reward, beyond those in this process; and TRL's for the same rows."""
    plain = timed(lambda: score_rows(trivial, rows, KEY), repeats)
    with RewardPool(trivial, timeout_s=30) as pool:
        pooled = timed(lambda: pool.score(rows, KEY), repeats)
    with RewardPool(trivial_batch, timeout_s=30) as pool:
        batched = timed(lambda: pool.score(rows, KEY), repeats)
    found: dict[str, Any] = {"rows": len(rows), "in_process": plain, "pool": pooled, "pool_batch_form": batched}
    found["pool_ms_per_call"] = 1000 * pooled["median_s"] / len(rows)
    found["overhead_ms_per_call"] = 1000 * (pooled["median_s"] - plain["median_s"]) / len(rows)
    if with_trl:
        found["trl"] = timed(trl_call(rows), repeats)
    return found


def trl_call(rows: list[RewardRow]) -> Callable[[], Any]:
    """Return what calls the reward as TRL's trainer does, with the trainer's own method."""
    from types import SimpleNamespace

    import torch
    from trl import GRPOTrainer

    trainer = SimpleNamespace(
        accelerator=SimpleNamespace(device=torch.device("cpu"), num_processes=1, is_main_process=True),
        reward_funcs=[trivial_batch],
        reward_processing_classes=[None],
        reward_func_names=["trivial_batch"],
        args=SimpleNamespace(report_to=[]),
        state=SimpleNamespace(global_step=1),
        _log_completion_extra=None,
        _log_metric=None,
        environments=None,
        async_reward_loop=None,
        _current_train_step_time=0.0,
        _logs={},
        _pending_extra_logs={},
        _pending_metrics={},
    )
    inputs = [{"prompt": row.prompt, **row.columns} for row in rows]
    prompts, completions = [row.prompt for row in rows], [row.completion for row in rows]
    ids = [[0]] * len(rows)

    def call() -> Any:
        import trl.trainer.grpo_trainer as module

        module.gather = lambda x: x
        return GRPOTrainer._calculate_rewards(trainer, inputs, prompts, completions, ids)

    return call


def slow(num_rows: int) -> dict[str, float]:
    """A reward of 50 ms: seconds, and how many times the ideal that is."""
    rows = [RewardRow("p", str(n), {"answer": "a"}) for n in range(num_rows)]
    with RewardPool(waiting, timeout_s=30) as pool:
        pool.score(rows[:4], KEY)
        began = time.perf_counter()
        pool.score(rows, KEY)
        seconds = time.perf_counter() - began
        ideal = 0.05 * -(-num_rows // pool.num_workers)
        return {"rows": num_rows, "seconds": seconds, "ideal_s": ideal, "ratio": seconds / ideal}


def faults(num_rows: int) -> dict[str, Any]:
    """A third of faults: were all healthy rows right, and how long did it take against what it must."""
    texts = [FAULTS[n // 3 % len(FAULTS)] if n % 3 == 0 else "a" * (n % 7) for n in range(num_rows)]
    rows = [RewardRow("p", text, {"answer": ""}) for text in texts]
    with RewardPool(faulty, timeout_s=TIMEOUT_S, memory_gib=2.0) as pool:
        healthy = [row for row in rows if row.completion not in FAULTS]
        healthy_s = timed(lambda: pool.score(healthy, KEY), 3)["median_s"]
        restart_s = restart_seconds(pool)
        before = pool.num_restarts
        began = time.perf_counter()
        scores = pool.score(rows, KEY)
        seconds = time.perf_counter() - began
        restarts = pool.num_restarts - before
        workers = pool.num_workers
    right = all(s.reward == len(t) for s, t in zip(scores, texts, strict=True) if t not in FAULTS)
    booked = all(s.error is not None for s, t in zip(scores, texts, strict=True) if t in FAULTS)
    num_timeouts = sum(score.error == "timeout" for score in scores)
    expected = healthy_s + (num_timeouts * TIMEOUT_S + restarts * restart_s) / workers
    return {
        "rows": num_rows,
        "healthy_right": right,
        "faults_booked": booked,
        "timeouts": num_timeouts,
        "restarts": restarts,
        "restart_s": restart_s,
        "seconds": seconds,
        "expected_s": expected,
        "ratio": seconds / expected,
    }


def restart_seconds(pool: RewardPool) -> float:
    """Seconds from a crash to the next score, of one worker at a time."""
    rows = [RewardRow("p", "kill", {"answer": ""})] * 10
    return timed(lambda: pool.score(rows, KEY), 3)["median_s"] * pool.num_workers / len(rows)


def main() -> None:
    """Run all of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1024)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--slow-rows", type=int, default=64)
    parser.add_argument("--fault-rows", type=int, default=300)
    parser.add_argument("--no-trl", action="store_true")
    parser.add_argument("--save", action="store_true")
    options = parser.parse_args()
    rows = [RewardRow(f"{n} + {n} =", str(2 * n), {"answer": str(2 * n)}) for n in range(options.rows)]
    found = {
        **circumstances(["cloudpickle"] if options.no_trl else ["cloudpickle", "trl"], num_cores()),
        "load": os.getloadavg()[0],
        "overhead": overhead(rows, options.repeats, not options.no_trl),
        "slow": slow(options.slow_rows),
        "faults": faults(options.fault_rows),
    }
    json.dump(found, sys.stdout, indent=1)
    print()
    if options.save:
        append_history("rewards", found)


if __name__ == "__main__":
    main()
