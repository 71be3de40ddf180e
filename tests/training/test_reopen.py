"""A run opened again: from its folder, from a checkpoint, and every way in which that cannot work."""

import json
from pathlib import Path

import pytest

from formalrl.errors import CheckpointError, ConfigError
from formalrl.training.reopen import evaluate_folder, find_checkpoint, reopen, sample_folder

TOY = str(Path(__file__).parents[1] / "toy_task.py")
SETTINGS = {"max_steps": 2, "eval_steps": 1, "save_steps": 1, "prompts_per_step": 4, "track_reference": True}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The folder of a run of two steps; do not write to it."""
    import torch

    from formalrl.config import resolve
    from formalrl.training.run import prepare_run, run_training

    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("reopen") / "run"
    config = resolve({"task": TOY, "output_dir": str(folder), "algorithm": "ppo"}, SETTINGS)
    run_training(prepare_run(config, resume=False, on_event=lambda kind, payload: None))
    return folder


@pytest.fixture
def copy(run, tmp_path):
    """A copy of the run that may be damaged."""
    import shutil

    return Path(shutil.copytree(run, tmp_path / "copy"))


def evaluations(folder):
    return [json.loads(line) for line in (folder / "eval.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("which", ["", "checkpoint-2", "checkpoint-1"])
def test_an_evaluation_repeats_that_of_the_run(run, which):
    step = 1 if which == "checkpoint-1" else 2
    recorded = next(row for row in evaluations(run) if row["step"] == step)
    again = evaluate_folder(run / which)
    for name, value in recorded.items():
        expected = pytest.approx(value, abs=1e-5) if isinstance(value, float) else value
        assert again[name] == expected, name


def test_an_evaluation_leaves_the_run_as_it_is(run):
    before = {path: path.stat().st_mtime_ns for path in run.rglob("*")}
    evaluate_folder(run)
    sample_folder(run)
    assert {path: path.stat().st_mtime_ns for path in run.rglob("*")} == before


def test_an_evaluation_may_ask_other_prompts(run):
    row = evaluate_folder(run, num_prompts=5, temperature=1.0, seed=3)
    assert (row["n"], row["temperature"]) == (5, 1.0)
    assert evaluate_folder(run, split="train", num_prompts=7)["n"] == 7
    engine = reopen(run).engine
    assert evaluate_folder(run, split="train", num_prompts=500)["n"] == len(engine.train_prompts)


@pytest.mark.parametrize("changes", [{"num_prompts": 0}, {"temperature": -1.0}, {"seed": -1}])
def test_impossible_wishes_are_refused(run, changes):
    with pytest.raises(ConfigError):
        evaluate_folder(run, **changes)


def test_the_reference_is_the_policy_before_training(run):
    assert evaluate_folder(run)["kl_ref"] > 1e-6
    assert reopen(run).step == 2
    assert reopen(run / "checkpoint-1").first_entropy == evaluations(run)[0]["entropy"]


def test_the_verdict_knows_the_entropy_before_training(run, monkeypatch):
    from formalrl.training import reopen as module

    said = []
    right = module.evaluate
    monkeypatch.setattr(module, "evaluate", lambda *args, **known: said.append(known) or right(*args, **known))
    evaluate_folder(run)
    assert said == [{"first_entropy": evaluations(run)[0]["entropy"]}]


def test_without_its_reference_a_run_has_no_divergence(copy):
    (copy / "reference" / "state.pt").unlink()
    assert evaluate_folder(copy)["kl_ref"] is None


def test_held_out_samples_are_scored(run):
    rows = sample_folder(run, num_samples=2, num_prompts=3)
    assert len(rows) == 6
    assert len({row["prompt"] for row in rows}) == 3
    assert all(row["logprob"] < 0 and row["reward"] is not None and row["correct"] is not None for row in rows)


def test_prompts_of_ones_own_are_continued(run):
    rows = sample_folder(run, ["3 =", "7 5 ="], num_samples=3, seed=1)
    assert [row["prompt"] for row in rows] == ["3 ="] * 3 + ["7 5 ="] * 3
    assert set(rows[0]) == {"prompt", "completion", "logprob", "finished"}
    assert rows == sample_folder(run, ["3 =", "7 5 ="], num_samples=3, seed=1)
    greedy = sample_folder(run, ["3 ="], num_samples=2, temperature=0.0)
    assert greedy[0] == greedy[1]


def test_a_checkpoint_is_a_model_of_its_own(run, tmp_path):
    """What a run wrote can be sampled as any other model: without the files of the run."""
    import shutil

    model = tmp_path / "model"
    shutil.copytree(run / "checkpoint-2", model)
    for name in ("run_state.json", "config.yaml", "integrity.json", "optimizer.pt"):
        (model / name).unlink()
    rows = sample_folder(model, ["3 ="], num_samples=2, max_completion_length=2)
    assert len(rows) == 2
    with pytest.raises(ConfigError, match="is a model and no run, so it has no held-out prompts"):
        sample_folder(model)


def test_a_damaged_checkpoint_is_named_and_the_one_before_is_taken(copy):
    weights = copy / "checkpoint-2" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])
    with pytest.raises(CheckpointError, match=r"checkpoint-2 is damaged: model.safetensors has \d+ of \d+ bytes"):
        find_checkpoint(copy / "checkpoint-2")
    assert find_checkpoint(copy).name == "checkpoint-1"
    (copy / "checkpoint-1" / "run_state.json").write_text("{")
    with pytest.raises(CheckpointError, match="has no whole checkpoint: checkpoint-2 is skipped"):
        find_checkpoint(copy)


def test_a_run_without_a_checkpoint_says_so(copy):
    import shutil

    for name in ("checkpoint-1", "checkpoint-2"):
        shutil.rmtree(copy / name)
    with pytest.raises(CheckpointError, match="stopped before the first one was written"):
        find_checkpoint(copy)


def test_what_is_no_run_is_named(tmp_path):
    with pytest.raises(ConfigError, match="there is no folder"):
        find_checkpoint(tmp_path / "nowhere")
    with pytest.raises(ConfigError, match="holds no run"):
        find_checkpoint(tmp_path)


@pytest.mark.parametrize("changes", [{"num_samples": 0}, {"num_prompts": 0}, {"temperature": -1.0}])
def test_impossible_samples_are_refused(run, changes):
    with pytest.raises(ConfigError):
        sample_folder(run, **changes)


@pytest.mark.parametrize("call", [evaluate_folder, sample_folder])
def test_a_folder_that_does_not_exist_is_one_line(tmp_path, call):
    from formalrl.errors import FormalRLError

    with pytest.raises(FormalRLError) as caught:
        call(tmp_path / "nowhere")
    assert "\n" not in str(caught.value)
    assert "nowhere" in str(caught.value)
