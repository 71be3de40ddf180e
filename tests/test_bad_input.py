"""Bad input on the command line: one line that says what - why - what to do, exit code 2, and nothing is lost."""

import errno
import json
from pathlib import Path

import pytest
import torch

from formalrl.cli import main

TOY = str(Path(__file__).parent / "toy_task.py")
SMALL = ["--max-steps", "1", "--eval-steps", "0", "--prompts-per-step", "2", "--num-generations", "4"]
SMALL += ["--num-eval-prompts", "4", "--num-diagnostic-prompts", "4"]
TASK = """
def prompts():
    return [{{"prompt": f"{{i % 8}} {{i // 8}} {more}=", "answer": str(i % 8)}} for i in range(56)]

def reward({arguments}):
    return {returned}
"""


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """One thread, and no curves: drawing them takes longer than these runs."""
    torch.set_num_threads(1)
    for name in ("write_report", "write_model_card"):
        monkeypatch.setattr(f"formalrl.api.{name}", lambda run_dir: None)


@pytest.fixture
def refused(capfd):
    """Return a function that runs a command, checks that it is refused as it must be, and returns the line."""

    def check(*arguments):
        assert main([str(argument) for argument in arguments]) == 2
        out, err = capfd.readouterr()
        assert out == ""
        (line,) = [line for line in err.splitlines() if line.startswith("error: ")]
        assert err.splitlines()[-1] == line
        assert "Traceback" not in err
        assert line.endswith((".", "?"))
        return line

    return check


@pytest.fixture(scope="session")
def model(tmp_path_factory):
    """A checkpoint of a tiny model with 16 positions or so."""
    folder = tmp_path_factory.mktemp("bad_input") / "run"
    assert main(["train", TOY, *SMALL, "--output-dir", str(folder)]) == 0
    return folder / "checkpoint-1"


def write_task(folder, *, arguments="prompt, completion, answer", returned="1.0", more=""):
    path = folder / "task.py"
    path.write_text(TASK.format(arguments=arguments, returned=returned, more=more))
    return path


def files(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("command", ["train", "sft"])
def test_an_unknown_task(refused, command):
    assert "Did you mean 'arithmetic'?" in refused(command, "arithmetc")


def test_a_task_file_that_does_not_exist(refused, tmp_path):
    line = refused("train", tmp_path / "nowhere.py")
    assert "nowhere.py" in line


def test_an_unknown_model(refused, tmp_path):
    line = refused("train", TOY, "--model-name-or-path", tmp_path / "nowhere", "--output-dir", tmp_path / "run")
    assert "There is no folder" in line
    assert "correct the path" in line


def test_a_model_that_the_hub_cannot_give(refused, tmp_path):
    line = refused("train", TOY, "--model-name-or-path", "nobody/no-such-model", "--output-dir", tmp_path / "run")
    assert "nobody/no-such-model" in line


def test_an_unknown_key_on_the_command_line_and_in_a_file(refused, tmp_path):
    assert "Did you mean '--learning-rate'?" in refused("train", TOY, "--learning-rat", "1")
    (tmp_path / "c.yaml").write_text("learning_rat: 1.0\n")
    assert "Did you mean 'learning_rate'?" in refused("train", TOY, "--config", tmp_path / "c.yaml")
    assert "epsilon" in refused("train", TOY, "--algorithm.epsilom", "1")


def test_values_of_the_wrong_type(refused):
    assert "--seed" in refused("train", TOY, "--seed", "three")
    assert "grpo" in refused("train", TOY, "--algorithm", "grop")


@pytest.mark.parametrize(
    ("returned", "kind"),
    [
        ("'good'", "bad_type"),
        ("None", "bad_type"),
        ("{'points': 1.0}", "bad_type"),
        ("[1.0, 2.0]", "bad_type"),
        ("float('nan')", "not_finite"),
        ("1 / 0", "exception"),
    ],
)
def test_a_reward_of_the_wrong_type(refused, tmp_path, model, returned, kind):
    task = write_task(tmp_path, returned=returned)
    options = ["--model-name-or-path", model, "--max-completion-length", "2", "--output-dir", tmp_path / "run"]
    line = refused("train", task, *options, *SMALL)
    assert f"100% of the reward calls of this step failed ({kind} 100%; the first: " in line
    assert "mend the reward" in line
    row = json.loads((tmp_path / "run" / "samples.jsonl").read_text().splitlines()[-1])
    assert row["error"] == kind
    assert row["detail"]
    assert (tmp_path / "run" / "checkpoint-1" / "model.safetensors").is_file()  # nothing lost


def test_a_batch_reward_of_the_wrong_length(refused, tmp_path, model):
    task = write_task(tmp_path, arguments="prompts, completions, **columns", returned="[1.0] * (len(prompts) + 1)")
    options = ["--model-name-or-path", model, "--max-completion-length", "2", "--output-dir", tmp_path / "run"]
    assert "(wrong_length 100%; " in refused("train", task, *options, *SMALL)


def test_a_reward_that_asks_for_a_column_that_is_not_there(refused, tmp_path, model):
    task = write_task(tmp_path, arguments="prompt, completion, solution")
    options = ["--model-name-or-path", model, "--max-completion-length", "2", "--output-dir", tmp_path / "run"]
    line = refused("train", task, *options, *SMALL)
    assert "TypeError: " in line
    assert "solution" in line


def test_a_prompt_longer_than_the_context(refused, tmp_path, model):
    task = write_task(tmp_path, more="1 " * 60)
    options = ["--model-name-or-path", model, "--max-completion-length", "2", "--output-dir", tmp_path / "run"]
    line = refused("train", task, *options, *SMALL)
    positions = json.loads((model / "config.json").read_text())["n_positions"]
    assert str(positions) in line
    assert "max_completion_length" in line or "shorten" in line


def test_a_completion_longer_than_the_context(refused, tmp_path, model):
    options = ["--model-name-or-path", model, "--max-completion-length", "500", "--output-dir", tmp_path / "run"]
    assert "500" in refused("train", TOY, *options, *SMALL)


@pytest.mark.parametrize("algorithm", ["grpo", "rloo"])
def test_a_group_of_one(refused, tmp_path, algorithm):
    line = refused("train", TOY, "--algorithm", algorithm, "--num-generations", "1", "--output-dir", tmp_path / "run")
    assert f"num_generations is 1, but {algorithm} compares completions of one prompt" in line
    assert "set num_generations to 2 or more" in line
    assert not (tmp_path / "run").exists()


def test_a_folder_that_holds_another_run(refused, model):
    run = model.parent
    before = files(run)
    line = refused("train", TOY, *SMALL, "--output-dir", run)
    assert "already holds a run" in line
    assert "--resume" in line
    assert "holds another run" in refused("train", TOY, *SMALL, "--seed", "5", "--output-dir", run, "--resume")
    assert "already holds a run" in refused("sft", TOY, "--output-dir", run)
    assert files(run) == before


def test_a_folder_that_holds_something_else(refused, tmp_path):
    (tmp_path / "thesis.tex").write_text("x")
    assert "not empty and holds no run" in refused("train", TOY, *SMALL, "--output-dir", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_full_disk_while_a_checkpoint_is_written(refused, tmp_path, monkeypatch):
    folder, save = tmp_path / "run", torch.save

    def full_later(value, path, *args, **kwargs):
        if (folder / "checkpoint-1").exists():
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        return save(value, path, *args, **kwargs)

    command = ["train", TOY, *SMALL, "--max-steps", "3", "--save-steps", "1", "--output-dir", folder]
    monkeypatch.setattr(torch, "save", full_later)
    line = refused(*command)
    assert "checkpoint-2: the disk is full" in line
    assert "free some space" in line
    assert "--resume" in line
    monkeypatch.setattr(torch, "save", save)
    assert main([str(argument) for argument in [*command, "--resume"]]) == 0
    steps = [json.loads(line)["step"] for line in (folder / "metrics.jsonl").read_text().splitlines()]
    assert steps == [1, 2, 3]


def test_a_full_disk_while_metrics_are_written(refused, tmp_path, monkeypatch):
    from formalrl.training import logging

    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(logging.os, "fsync", full)
    line = refused("train", TOY, *SMALL, "--output-dir", tmp_path / "run")
    assert "No space left on device" in line
    assert "free some space" in line


def test_a_place_that_cannot_be_written(refused, tmp_path):
    (tmp_path / "file").write_text("x")
    assert "is a file" in refused("train", TOY, *SMALL, "--output-dir", tmp_path / "file")
    assert "cannot be made (Not a directory)" in refused(
        "train", TOY, *SMALL, "--output-dir", tmp_path / "file" / "run"
    )


@pytest.mark.parametrize("command", ["eval", "sample", "report"])
def test_a_run_that_does_not_exist(refused, tmp_path, command):
    assert "nowhere" in refused(command, tmp_path / "nowhere")


def test_impossible_wishes_of_eval_and_sample(refused, model):
    assert "num_eval_prompts is 0" in refused("eval", model, "--num-prompts", "0")
    assert "temperature" in refused("eval", model, "--temperature", "-1")
    assert "ask for 1 or more" in refused("sample", model, "--num-samples", "0")
    assert "max_completion_length" in refused("sample", model, "--max-completion-length", "0")
    assert "positions" in refused("sample", model, "1 " * 100)
    assert "seed" in refused("eval", model, "--seed", "-1")
