"""Recorded events of a run, and a stand-in for the functions that the commands call."""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

BEFORE = {
    "step": 0,
    "n": 64,
    "accuracy": 0.05,
    "reward": 0.7,
    "constant_baseline": 0.748,
    "two_answer_baseline": 0.824,
    "eight_answer_baseline": 0.954,
    "best_constant_answer": "25",
    "shuffled_reward": 0.71,
    "entropy": 4.6,
    "prompt_dependence": 0.0,
    "num_distinct": 2,
    "verdict": "collapsed",
    "verdict_sentence": "step 0: the policy gives 2 distinct answers (`22`, `29`)",
}
AFTER = BEFORE | {
    "step": 40,
    "accuracy": 0.981,
    "reward": 0.995,
    "entropy": 0.31,
    "prompt_dependence": 0.93,
    "num_distinct": 61,
    "verdict": "healthy",
    "verdict_sentence": "step 40: the policy gives 61 distinct answers and is right on 98 % of 64 prompts",
}


def step(number: int) -> dict[str, Any]:
    return {
        "step": number,
        "max_steps": 40,
        "reward/mean": 0.5 + number / 100,
        "train/accuracy": number / 50,
        "policy/entropy": 3.0,
        "policy/batch_entropy": 3.5,
        "policy/kl_ref": 0.02,
        "throughput/completions_per_s": 2345.0,
    }


EVENTS: list[tuple[str, dict[str, Any]]] = [
    ("phase", {"name": "load"}),
    ("phase", {"name": "warm_start"}),
    *(("sft_step", {"step": i, "num_steps": 8, "loss": 4.0 - i / 10}) for i in range(1, 9)),
    ("phase", {"name": "train"}),
    ("eval", BEFORE),
    *(("step", step(i)) for i in range(1, 21)),
    ("note", {"text": "entropy fell to a tenth in 20 steps: raise regularizers.entropy.coef"}),
    ("note", {"text": "entropy fell to a tenth in 20 steps: raise regularizers.entropy.coef"}),
    ("checkpoint", {"path": "runs/a/checkpoint-20", "step": 20}),
    *(("step", step(i)) for i in range(21, 41)),
    ("eval", AFTER),
    ("checkpoint", {"path": "runs/a/checkpoint-40", "step": 40}),
    ("phase", {"name": "report"}),
]
SUMMARY = AFTER | {"first": BEFORE, "best_step": 40, "best_value": 0.981, "output_dir": "runs/a"}


@dataclass
class Api:
    """Records calls and gives what it is told to give."""

    folder: Path
    calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = field(default_factory=list)
    fail: BaseException | None = None
    """Raised in the middle of a run."""

    def train(self, task: Any, config: Any, *, resume: bool = False, on_event: Callable[..., None]) -> Any:
        return self._run("train", (task, config), {"resume": resume}, on_event)

    def warm_start(self, task: Any, config: Any, *, on_event: Callable[..., None]) -> Any:
        return self._run("warm_start", (task, config), {}, on_event)

    def evaluate_folder(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        self.calls.append(("evaluate_folder", args, kwargs))
        print("a library talks")
        return AFTER | {"kl_ref": float("nan")}

    def sample_folder(self, *args: Any, **kwargs: Any) -> list[dict[str, Any]]:
        self.calls.append(("sample_folder", args, kwargs))
        return [{"prompt": "5 + 3 =", "completion": "8", "reward": 1.0, "logprob": -0.25}]

    def doctor_checks(self) -> list[dict[str, str]]:
        return [{"name": "gpt2", "status": "failed" if self.fail else "ok", "detail": "1e-6"}]

    def _run(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any], on_event: Callable[..., None]) -> Any:
        self.calls.append((name, args, kwargs))
        print("a library talks")
        for kind, payload in EVENTS:
            on_event(kind, payload)
            if self.fail is not None and kind == "checkpoint":
                raise self.fail
        return _Run(self.folder, SUMMARY)


@dataclass(frozen=True)
class _Run:
    output_dir: Path
    summary: Mapping[str, Any]


@pytest.fixture
def api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Api:
    """`formalrl.api` without a model behind it; its run folder holds samples."""
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "config.yaml").write_text("task: arithmetic\n")
    with (folder / "samples.jsonl").open("w") as file:
        for number, answer in ((0, "25"), (20, "24"), (40, "8")):
            sample = {"step": number, "split": "eval", "prompt": "5 + 3 =", "completion": answer}
            file.write(json.dumps(sample | {"reward": 0.5, "correct": answer == "8"}) + "\n")
    found = Api(folder)
    module = ModuleType("formalrl.api")
    for name in ("train", "warm_start", "evaluate_folder", "sample_folder", "doctor_checks"):
        setattr(module, name, getattr(found, name))
    monkeypatch.setitem(sys.modules, "formalrl.api", module)
    monkeypatch.setattr("formalrl.api", module, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    return found


@pytest.fixture
def events() -> list[tuple[str, dict[str, Any]]]:
    """The events of a run of 40 steps."""
    return EVENTS


@pytest.fixture
def summary() -> dict[str, Any]:
    """What that run comes to."""
    return SUMMARY
