"""The command line as a whole: overview, exit codes, one-line errors, pure JSON, quick help."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from formalrl.cli import COMMANDS, main
from formalrl.errors import RewardError

NOISY = """
print("noise at import")

def prompts():
    print("noise in prompts")
    return [{"prompt": f"{i} =", "answer": str(i)} for i in range(60)]

def reward(prompt, completion, answer):
    print("noise in reward")
    return float(completion == answer)
"""


def formalrl(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"COLUMNS": "80"}
    command = [sys.executable, "-m", "formalrl", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=200, env=environment)


def test_without_arguments_there_is_an_overview(capsys: pytest.CaptureFixture[str]):
    assert main([]) == 0
    out = capsys.readouterr().out
    assert all(f"  {name} " in out for name in COMMANDS)
    assert max(map(len, out.splitlines())) <= 80


def test_the_version(capsys: pytest.CaptureFixture[str]):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("formalrl 0.")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert main([command, "--help"]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"usage: formalrl {command} ")
    assert max(map(len, out.splitlines())) <= 80
    assert "--json" in out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_refuses_unknown_options_in_one_line(command: str, capsys: pytest.CaptureFixture[str]):
    arguments = ["arithmetic"] if command in ("train", "sweep", "sft") else []
    assert main([command, *arguments, "--jsn"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith("error: unknown option '--jsn'")
    assert "Did you mean '--json'?" in err


def test_an_unknown_command_is_named(capsys: pytest.CaptureFixture[str]):
    assert main(["tran"]) == 2
    assert "Did you mean 'train'?" in capsys.readouterr().err


def test_help_of_a_command_loads_no_transformers():
    program = (
        "import sys; from formalrl.cli import main; assert main(['train', '--help']) == 0;"
        "assert not {'transformers', 'accelerate'} & set(sys.modules), 'too much'"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=100, stdout=subprocess.DEVNULL)
    program = program.replace("'train'", "'eval'").replace("'transformers'", "'transformers', 'torch'")
    subprocess.run([sys.executable, "-c", program], check=True, timeout=100, stdout=subprocess.DEVNULL)


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (RewardError("the reward\nfailed: mend it."), 2, "error: the reward failed: mend it.\n"),
        (OSError(errno.ENOSPC, "No space left on device", "runs/a"), 2, "error: runs/a: No space left on device: free"),
        (KeyboardInterrupt(), 130, "stopped"),
    ],
)
def test_failures_have_an_exit_code_and_one_line(
    error: BaseException, code: int, words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def fail(arguments: list[str]) -> int:
        raise error

    monkeypatch.setattr("formalrl.cli._run", fail)
    assert main(["train"]) == code
    err = capsys.readouterr().err
    assert err.startswith(words)
    assert err.count("\n") == 1


def test_a_fault_of_the_program_is_not_hidden(monkeypatch: pytest.MonkeyPatch):
    def fail(arguments: list[str]) -> int:
        raise OSError(errno.EIO, "what")

    monkeypatch.setattr("formalrl.cli._run", fail)
    with pytest.raises(OSError, match="what"):
        main(["train"])


def test_json_is_one_object_whatever_a_task_prints(tmp_path: Path):
    (tmp_path / "noisy.py").write_text(NOISY)
    done = formalrl("tasks", "show", str(tmp_path / "noisy.py"), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["prompts"][0]["reward"] == 1.0
    assert done.stdout.count("\n") == 1
    assert "noise in reward" in done.stderr


def test_a_reader_that_stops_early_is_no_failure():
    command = f"{sys.executable} -m formalrl train --help | head -1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=100)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.slow
def test_train_evaluate_sample_and_report(tmp_path: Path):
    folder = tmp_path / "run"
    small = ["--model.preset", "tiny", "--max-steps", "2", "--prompts-per-step", "4"]
    small += ["--num-generations", "4", "--num-eval-prompts", "8"]
    done = formalrl("train", "arithmetic", *small, "--output-dir", str(folder), "--json")
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert (summary["step"], summary["n"]) == (2, 8)
    assert not any(letter in done.stderr for letter in "\x1b\r")
    done = formalrl("eval", str(folder), "--num-prompts", "8", "--json")
    assert done.returncode == 0, done.stderr
    assert {"accuracy", "reward", "n", "constant_baseline", "shuffled_reward"} <= set(json.loads(done.stdout))
    done = formalrl("sample", str(folder), "--num-prompts", "2", "--json")
    assert len(json.loads(done.stdout)["samples"]) == 2
    (folder / "report.html").unlink()
    assert formalrl("report", str(folder)).returncode == 0
    assert (folder / "report.html").is_file()
    done = formalrl("train", "arithmetic", *small, "--output-dir", str(folder))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
