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


@pytest.fixture
def sweep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Four small runs: two settings, two seeds. Figures are left out, which take most of the time."""
    monkeypatch.setattr("formalrl.experiments.comparison.page.drawings", lambda found: [])
    for coef in (0.0, 0.3):
        for seed in (0, 1):
            run = tmp_path / "sweep" / f"{coef}-{seed}"
            run.mkdir(parents=True)
            (run / "config.yaml").write_text(f"task: {{name: toy}}\nmax_steps: 2\nseed: {seed}\ncoef: {coef}\n")
            rows = [{"step": step, "reward": coef + 0.1 * seed, "verdict": "learning"} for step in (0, 2)]
            (run / "eval.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path / "sweep"


def test_a_folder_of_runs_is_compared_in_one_page(sweep: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["report", str(sweep), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["report"] == str(sweep / "report.html") and (sweep / "report.html").is_file()
    assert [(s["name"], round(s["scores"]["reward"]["value"], 3), s["seeds"]) for s in said["settings"]] == [
        ("coef 0", 0.05, [0, 1]),
        ("coef 0.3", 0.35, [0, 1]),
    ]
    assert (sweep / "figures" / "final.csv").is_file()


def test_loose_runs_need_a_place_for_the_page(sweep: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    runs = [str(run) for run in sorted(sweep.iterdir())]
    assert main(["report", *runs]) == 2
    assert "--output FILE.html" in capsys.readouterr().err
    page = tmp_path / "new" / "page.html"
    assert main(["report", *runs, "--output", str(page)]) == 0
    assert capsys.readouterr().out == f"{page}\n" and page.is_file()
    assert main(["report", *runs, "--output", str(tmp_path)]) == 2
    assert "the report is one HTML file" in capsys.readouterr().err


def test_the_report_of_one_run_can_be_written_elsewhere(sweep: Path, tmp_path: Path):
    page = tmp_path / "one.html"
    assert main(["report", str(sweep / "0.0-0"), "--output", str(page)]) == 0
    assert "finished after 2 steps" in page.read_text(encoding="utf-8")
    assert not (sweep / "0.0-0" / "report.html").exists()
