"""The examples run: the unrolled step on its own task, and a task of one's own on a small model in a folder."""

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


def load(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def make_model(folder: Path) -> None:
    """Save a tiny model with a token a letter, as a user's own pretrained model would lie there."""
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers

    from formalrl.models.config import ModelConfig
    from formalrl.models.fresh import fresh_model, wrap_tokenizer

    letters = ["<bos>", "<eos>", "<pad>", *" abcdefghijklmnopqrstuvwxyz"]
    tokenizer = Tokenizer(models.WordLevel({letter: i for i, letter in enumerate(letters)}, unk_token="<pad>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex("."), "isolated")
    tokenizer.decoder = decoders.Fuse()
    wrapped = wrap_tokenizer(tokenizer)
    fresh_model(ModelConfig(preset="tiny", context_length=48), wrapped, seed=0).save_pretrained(folder)
    wrapped.save_pretrained(folder)


def test_the_unrolled_step_runs_and_moves_the_reward(capsys: pytest.CaptureFixture[str]):
    load("rl_loop").main(num_steps=21, num_prompts=16)
    out = capsys.readouterr().out
    first, last = (float(line.split("reward ")[1].split()[0]) for line in out.splitlines()[:2])
    assert last > first + 0.2
    assert "held-out accuracy" in out


def test_a_task_of_ones_own_scores_partly_right_words():
    task = load("my_task")
    assert task.reward("abc backwards is ", "cba", "cba") == {"reward": 1.0, "exact": True}
    assert task.reward("abc backwards is ", "cb", "cba")["reward"] == pytest.approx(2 / 3)
    assert task.is_correct("abc backwards is ", " cba ", "cba") and not task.is_correct("abc backwards is ", "", "cba")


def test_a_task_of_ones_own_has_at_most_twenty_lines():
    assert len((EXAMPLES / "my_task.py").read_text().splitlines()) <= 20


@pytest.mark.parametrize(("name", "num_settings"), [("sentiment_pareto", 11), ("sentiment_algorithms", 3)])
def test_a_sweep_file_resolves(name: str, num_settings: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    from formalrl.cli import main

    file = str(EXAMPLES / "sweeps" / f"{name}.yaml")
    assert main(["sweep", file, "--dry-run", "--output-dir", str(tmp_path / "sweep")]) == 0
    assert f"{num_settings} settings" in capsys.readouterr().out


@pytest.mark.slow
def test_a_task_of_ones_own_trains(tmp_path: Path):
    from formalrl.cli import main

    make_model(tmp_path / "model")
    options = ["--model-name-or-path", str(tmp_path / "model"), "--max-completion-length", "8", "--max-steps", "2"]
    options += ["--prompts-per-step", "4", "--num-generations", "4", "--num-eval-prompts", "8"]
    options += ["--num-diagnostic-prompts", "4", "--output-dir", str(tmp_path / "run")]
    assert main(["train", str(EXAMPLES / "my_task.py"), *options]) == 0
    rows = [json.loads(line) for line in (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()]
    assert [row["step"] for row in rows] == [1, 2]
    assert all("reward/parts/exact" in row and row["reward/error_rate"] == 0 for row in rows)


@pytest.mark.parametrize("path", sorted((EXAMPLES / "sweeps").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_sweep_can_be_started(path: Path):
    from formalrl.cli.sweep_request import read_sweep_request

    assert len(read_sweep_request([str(path)]).runs) >= 6
