"""Standard output holds results, and under --json one object and nothing else."""

import json
import os
import subprocess
import sys
import warnings

import pytest

from formalrl.cli.output import (
    Outcome,
    is_main_process,
    print_json,
    quiet_third_parties,
    stdout_to_stderr,
    warnings_in_one_line,
)


def test_numbers_that_json_lacks_become_null(capsys: pytest.CaptureFixture[str]):
    print_json({"a": float("nan"), "b": [float("inf"), 1.5], 3: "ä"})
    assert capsys.readouterr().out == '{"a": null, "b": [null, 1.5], "3": "ä"}\n'


def test_what_python_and_child_processes_print_goes_to_standard_error(capfd: pytest.CaptureFixture[str]):
    with stdout_to_stderr():
        print("python")
        subprocess.run([sys.executable, "-c", "print('child')"], check=True)
        os.write(1, b"descriptor\n")
    print("result")
    out, err = capfd.readouterr()
    assert out == "result\n"
    assert {"python", "child", "descriptor"} <= set(err.split())


def test_an_outcome_prints_its_data_or_itself(capsys: pytest.CaptureFixture[str]):
    assert Outcome(lambda: print("text"), code=1).print() == 1
    assert Outcome(lambda: print("text"), {"a": 1}).print() == 0
    assert capsys.readouterr().out == 'text\n{"a": 1}\n'


def test_only_the_first_of_several_processes_talks(monkeypatch: pytest.MonkeyPatch):
    assert is_main_process()
    monkeypatch.setenv("RANK", "1")
    assert not is_main_process()


def test_settings_of_the_user_stand(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TRANSFORMERS_VERBOSITY", "info")
    monkeypatch.delenv("TOKENIZERS_PARALLELISM", raising=False)
    quiet_third_parties()
    assert os.environ["TRANSFORMERS_VERBOSITY"] == "info"
    assert os.environ["TOKENIZERS_PARALLELISM"] == "false"


def test_warnings_are_one_line():
    program = (
        "import warnings\nfrom formalrl.cli.output import warnings_in_one_line\n"
        "with warnings_in_one_line():\n    warnings.warn('careful')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stderr == "warning: careful\n"
    before = warnings.formatwarning
    with warnings_in_one_line():
        pass
    assert warnings.formatwarning is before


def test_the_numbers_of_an_object_are_json():
    program = "from formalrl.cli.output import print_json; print_json({'a': (1, 2)})"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == {"a": [1, 2]}
