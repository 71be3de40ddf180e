"""`formalrl report`."""

import json
from pathlib import Path
from typing import Any

import pytest

from formalrl.cli import main


def test_it_writes_the_report_and_says_where(
    api: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    written: list[Path] = []
    monkeypatch.setattr("formalrl.experiments.report.write_report", written.append)
    assert main(["report", str(api.folder)]) == 0
    assert capsys.readouterr().out == f"{api.folder}/report.html\n"
    assert main(["report", str(api.folder), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"report": f"{api.folder}/report.html"}
    assert written == [api.folder, api.folder]


def test_a_folder_without_a_run_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["report", str(tmp_path)]) == 2
    assert "holds no run" in capsys.readouterr().err
