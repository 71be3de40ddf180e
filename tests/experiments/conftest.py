"""A made-up run folder, as realistic as the report needs."""

import json
import math
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

CONFIG = """\
task:
  name: arithmetic
  max_characters: 10
model_name_or_path: null
model:
  preset: small
  num_layers: 4
algorithm:
  name: grpo
  epsilon: 0.2
  epsilon_high: 0.28
  loss_type: dr_grpo
regularizers:
  batch_entropy:
    coef: 0.5
    coef_end: 0.05
    coef_schedule: linear
    form: entropy
  entropy:
    coef: 0.0
    coef_end: null
prompts_per_step: 32
num_generations: 64
learning_rate: 0.0003
lr_scheduler_type: cosine
max_steps: {max_steps}
seed: 3

# Where it ran
# python: 3.11.9
# platform: Linux-6.1-x86_64
# formalrl: 0.1.0
# torch: 2.13.0
# transformers: 5.1.0
# commit: 0123456789ab
# device: cpu
# threads: 2
# command: formalrl train arithmetic --seed 3 --output-dir runs/arithmetic/demo
"""
TRACEBACK = 'Traceback (most recent call last):\n  File "reward.py", line 3, in reward\nTimeoutError: 2 s'
HOSTILE = "</pre></svg><script>alert(1)</script><img src=x onerror=alert(2)>\x00\x1b[31m\u202eabc \ud800 &amp; $x^{2}$"


def metrics_row(step: int, steps: int, is_good: bool, rng: random.Random) -> dict[str, Any]:
    t = step / steps
    rise = 1 / (1 + math.exp(-10 * (t - 0.45)))
    accuracy = 0.02 + 0.96 * rise if is_good else 0.05
    entropy = (4.2 * (1 - 0.93 * rise)) if is_good else 4.2 * math.exp(-9 * t) + 0.02
    reward = 0.45 + 0.54 * rise if is_good else 0.82 - 0.4 * math.exp(-8 * t)
    noise = rng.gauss(0, 0.015)
    return {
        "step": step, "reward/mean": reward + noise, "reward/std": 0.25 * (1 - t) + 0.02,
        "reward/zero_std_fraction": min(1, 0.02 + 0.6 * t * rng.random()), "reward/error_rate": 0.002,
        "reward/error_rate/timeout": 0.002, "reward/parts/parses": 0.9 + 0.1 * t, "reward/parts/correct": accuracy,
        "train/accuracy": min(1, max(0, accuracy + noise)), "policy/entropy": entropy + abs(noise),
        "policy/batch_entropy": (4.1 if is_good else 0.7 + 3.4 * math.exp(-6 * t)) + noise,
        "policy/kl_ref": 2.5 * t + abs(noise), "policy/kl_old": 0.004 + 0.002 * rng.random(),
        "policy/clip_fraction": 0.05 + 0.04 * rng.random(), "loss/total": noise, "loss/policy": noise / 2,
        "loss/batch_entropy": -0.4 * (1 - t), "coef/batch_entropy": 0.5 - 0.45 * t,
        "completions/count": 2048, "completions/length_mean": 2 + 0.2 * rng.random(),
        "completions/truncated_fraction": 0.01 * rng.random(),
        "optimizer/learning_rate": 3e-4 * (1 + math.cos(math.pi * t)) / 2,
        "optimizer/grad_norm": math.exp(rng.gauss(0, 0.4)), "optimizer/num_updates": 4, "sampler/logprob_gap": 2e-6,
        "time/step_s": 0.9 + 0.1 * rng.random(), "time/select_s": 0.01, "time/sample_s": 0.3, "time/reward_s": 0.08,
        "time/update_s": 0.47, "throughput/completions_per_s": 2200.0, "throughput/tokens_per_s": 4400.0,
        "memory/peak_gib": 0.61,
    }  # fmt: skip


def sentence(step: int, accuracy: float, reward: float, is_good: bool) -> str:
    if is_good:
        return (
            f"step {step}: the policy gives 84 distinct answers (`22`, `23`, `24`, ...) and is right on "
            f"{100 * accuracy:.0f} % of 512 prompts; its reward {reward:.2f} is above what the best eight fixed "
            "answers earn (0.95); it uses 90 % of what its prompts tell it"
        )
    return (
        f"step {step}: the policy gives mostly 2 of 3 distinct answers (`22`, `29`); its reward {reward:.2f} is what "
        "the best two fixed answers earn (0.82); it uses 4 % of what its prompts tell it"
    )


def eval_row(step: int, steps: int, is_good: bool, rng: random.Random) -> dict[str, Any]:
    row = metrics_row(max(step, 1), steps, is_good, rng)
    reward, accuracy = row["reward/mean"], row["train/accuracy"]
    good_end = is_good and accuracy > 0.9
    verdict = "healthy" if good_end else "learning" if is_good or step < steps / 3 else "collapsed"
    top = [[str(22 + i), 0.08 - 0.005 * i] for i in range(12)] if is_good else [["22", 0.61], ["29", 0.38], ["7", 0.01]]
    return {
        "step": step, "n": 512, "accuracy": accuracy, "reward": reward, "constant_baseline": 0.748,
        "two_answer_baseline": 0.82, "eight_answer_baseline": 0.954, "reference_reward": 1.0,
        "best_constant_answer": "25", "shuffled_reward": 0.45 if is_good else reward - 0.01,
        "entropy": row["policy/entropy"], "batch_entropy": row["policy/batch_entropy"],
        "prompt_dependence": 0.9 * accuracy if is_good else 0.04, "prompt_dependence_nats": 3.6 * accuracy,
        "retrieval_accuracy": 0.5, "most_common_answer": top[0][0],
        "most_common_share": top[0][1], "num_distinct": 84 if is_good else 3, "top_answers": top, "length_mean": 2.0,
        "truncated_fraction": 0.0, "kl_ref": row["policy/kl_ref"], "verdict": verdict, "temperature": 0.0,
        "error_rate": 0.0, "verdict_sentence": sentence(step, accuracy, reward, is_good),
    }  # fmt: skip


def sample_rows(step: int, is_good: bool, rng: random.Random) -> list[dict[str, Any]]:
    rows = []
    numbers = random.Random(5)
    for i in range(16):
        a, b, c = (numbers.randint(0, 10) for _ in range(3))
        truth = a + b + c
        said = truth if step and is_good and i % 7 else (22 if step else rng.randint(0, 99))
        failed = i == 9 and step > 0
        rows.append({
            "step": step, "split": "eval", "prompt": f"{a} + {b} + {c} = {a + b} + {c} =", "completion": f" {said}",
            "reward": None if failed else 2 / (1 + math.exp(abs(truth - said) / 10)),
            "error": "timeout" if failed else None, "detail": TRACEBACK if failed else "",
            "correct": None if failed else said == truth, "parts": {"error": float(abs(truth - said))},
            "columns": {"answer": str(truth)},
        })  # fmt: skip
    return rows


def write_rows(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def write_run(folder: Path, *, is_good: bool = True, steps: int = 200, max_steps: int | None = None) -> Path:
    """Write a run of `steps` steps; it learns when `is_good`, and collapses to two answers when not."""
    rng = random.Random(0)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.yaml").write_text(CONFIG.format(max_steps=max_steps or steps), encoding="utf-8")
    every = max(1, steps // 8)
    evals = [eval_row(step, steps, is_good, rng) for step in range(0, steps + 1, every)]
    write_rows(folder / "metrics.jsonl", [metrics_row(step, steps, is_good, rng) for step in range(1, steps + 1)])
    write_rows(folder / "eval.jsonl", evals)
    write_rows(folder / "samples.jsonl", [r for e in evals for r in sample_rows(e["step"], is_good, rng)])
    sft = [{"step": i, "loss": 5 * math.exp(-i / 6) + 0.7, "learning_rate": 1e-3 * (1 - i / 17)} for i in range(1, 17)]
    write_rows(folder / "sft.jsonl", sft)
    return folder


@pytest.fixture
def make_run(tmp_path: Path) -> Callable[..., Path]:
    """`write_run` for a folder `arithmetic/demo`."""
    return lambda **options: write_run(tmp_path / "runs" / "arithmetic" / "demo", **options)


def write_sweep(
    folder: Path,
    coefs: Sequence[tuple[float, float]] = ((0.0, 0.5), (0.3, 0.5)),
    seeds: Sequence[int] = (0, 1, 2),
    steps: int = 16,
    **options: Any,
) -> Path:
    """Write runs for every (entropy, batch entropy) coefficient and seed; those with entropy learn. Seeds differ."""
    for entropy, batch in coefs:
        for seed in seeds:
            run = write_run(
                folder / f"e{entropy}-b{batch}" / f"seed-{seed}", is_good=entropy > 0, steps=steps, **options
            )
            text = (run / "config.yaml").read_text(encoding="utf-8")
            text = text.replace("    coef: 0.5\n", f"    coef: {batch}\n").replace(
                "    coef: 0.0\n", f"    coef: {entropy}\n"
            )
            (run / "config.yaml").write_text(text.replace("seed: 3\n", f"seed: {seed}\n"), encoding="utf-8")
            for name, key in (("eval", "reward"), ("metrics", "reward/mean")):
                rows = [json.loads(line) for line in (run / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]
                write_rows(run / f"{name}.jsonl", [row | {key: row[key] + 0.01 * seed} for row in rows])
    return folder


@pytest.fixture
def make_sweep(tmp_path: Path) -> Callable[..., Path]:
    """`write_sweep` for a folder `sweep`."""
    return lambda **options: write_sweep(tmp_path / "sweep", **options)


@pytest.fixture(scope="session")
def whole_sweep(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two settings, three seeds each, that tests only read."""
    return write_sweep(tmp_path_factory.mktemp("sweeps") / "entropy")


@pytest.fixture(scope="session")
def whole_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run folder that tests only read."""
    return write_run(tmp_path_factory.mktemp("runs") / "arithmetic" / "demo", steps=40)


@pytest.fixture
def hostile() -> str:
    """Text that tries to leave its place in a page."""
    return HOSTILE
