"""`formalrl doctor`."""

import json
from typing import Any

import pytest

from formalrl.cli import doctor, main


def test_it_reports_versions_and_the_machine(api: Any, capsys: pytest.CaptureFixture[str]):
    assert main(["doctor", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    checks = {check["name"]: check for check in found["checks"]}
    assert found["ok"]
    assert {"python", "torch", "peft", "device", "threads", "free disk", "gpt2"} <= set(checks)
    assert checks["torch"]["status"] == "ok"


def test_a_failed_check_is_exit_code_1(api: Any, capsys: pytest.CaptureFixture[str]):
    api.fail = RuntimeError()
    assert main(["doctor"]) == 1
    assert "failed" in capsys.readouterr().out
    assert main(["doctor", "--no-checks"]) == 0


def test_an_optional_package_that_is_not_there_is_no_failure(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(doctor, "OPTIONAL", {"no_such_package": "nothing"})
    assert {"name": "no_such_package", "status": "absent", "detail": "not installed; for nothing"} in (
        doctor.package_checks()
    )


def test_it_takes_no_arguments(capsys: pytest.CaptureFixture[str]):
    assert main(["doctor", "x"]) == 2
    assert "'x' is one argument too many" in capsys.readouterr().err
