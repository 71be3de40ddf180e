"""`formalrl reproduce`."""

import json
from pathlib import Path
from typing import Any

import pytest

from formalrl.cli import main
from formalrl.cli.output import Outcome
from formalrl.errors import ModelError

CLAIM = """
from formalrl.claims.parts import Claim, Judgement, Scale

TOY = {"task": "TASK", "max_steps": 2, "eval_steps": 1, "model": {"preset": "tiny"}}


def mine():
    settings = {"plain": {**TOY, "learning_rate": 1e-3}, "fast": {**TOY, "learning_rate": 3e-3}}
    scales = {name: Scale(settings, 1 if name == "smoke" else 3) for name in ("smoke", "laptop", "paper")}
    return Claim("mine", "Faster learning is faster.", "said so", "it is", scales,
                 lambda results: Judgement("confirmed", f"{len(results['plain'])} seeds", "it was"))
"""


@pytest.fixture
def claim(tmp_path: Path) -> str:
    """A claim file of one's own, about the toy task."""
    task = Path(__file__).parent.parent / "toy_task.py"
    (tmp_path / "mine.py").write_text(CLAIM.replace("TASK", str(task)))
    return str(tmp_path / "mine.py")


@pytest.fixture
def fake_runs(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Leave training out: a run is finished at once. Figures are left out, too."""
    asked: list[Any] = []

    def run_sweep(sweep: Any, root: Path, jobs: int | None = None) -> Outcome:
        asked.append((sweep, root, jobs))
        for run in sweep.runs(root):
            run.folder.mkdir(parents=True, exist_ok=True)
            (run.folder / "config.yaml").write_text(f"max_steps: 2\nseed: {run.seed}\nx: {run.setting.name}\n")
            rows = [{"step": step, "reward": 0.1 * step, "verdict": "learning"} for step in (0, 2)]
            (run.folder / "eval.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        return Outcome()

    monkeypatch.setattr("formalrl.cli.sweep.run_sweep", run_sweep)
    monkeypatch.setattr("formalrl.experiments.comparison.page.drawings", lambda found: [])
    return asked


def test_the_list_names_every_claim(capsys: pytest.CaptureFixture[str]):
    assert main(["reproduce", "--list"]) == 0
    shown = capsys.readouterr().out
    assert "sentiment-kl" in shown and "arithmetic-collapse" in shown
    assert max(map(len, shown.splitlines())) <= 80
    assert main(["reproduce", "--list", "--json"]) == 0
    claims = json.loads(capsys.readouterr().out)["claims"]
    assert {"name", "claim", "paper", "rule", "scales"} <= set(claims[0])


def test_a_claim_is_judged_and_everything_is_written(
    claim: str, fake_runs: list[Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    root = tmp_path / "out"
    arguments = ["reproduce", claim, "--output-dir", str(root), "--jobs", "2"]
    assert main([*arguments, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["verdict"], said["ours"], said["seeds"]) == ("confirmed", "3 seeds", [0, 1, 2])
    assert said["finished"] == {"plain": [0, 1, 2], "fast": [0, 1, 2]}
    assert json.loads((root / "claim.json").read_text())["verdict"] == "confirmed"
    assert "Faster learning is faster." in (root / "report.html").read_text()
    sweep, asked, jobs = fake_runs[0]
    assert (asked, jobs, list(sweep.named)) == (root, 2, ["plain", "fast"])
    assert main(arguments) == 0
    shown = capsys.readouterr().out
    assert "confirmed" in shown and str(root / "report.html") in shown
    assert max(len(line) for line in shown.splitlines() if str(root) not in line) <= 80


def test_smoke_never_claims_more_than_ran(claim: str, fake_runs: list[Any], capsys: pytest.CaptureFixture[str]):
    root = Path(claim).parent / "smoke"
    assert main(["reproduce", claim, "--scale", "smoke", "--json", "--output-dir", str(root)]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["verdict"] == "ran" and said["seeds"] == [0]


def test_more_seeds_are_asked_for_by_number(claim: str, fake_runs: list[Any], tmp_path: Path):
    assert main(["reproduce", claim, "--seeds", "4", "--output-dir", str(tmp_path / "o"), "--json"]) == 0
    assert tuple(fake_runs[0][0].seeds) == (0, 1, 2, 3)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "no claim is given"),
        (["sentiment", "sentiment-kl"], "2 claims are given"),
        (["sentimant"], "Did you mean 'sentiment'?"),
        (["sentiment", "--seeds", "0"], "set --seeds to 1 or more"),
        (["sentiment", "--scale", "huge"], "scale"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str], fake_runs: list[Any]
):
    assert main(["reproduce", *arguments]) == 2
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1 and fake_runs == []


def test_a_model_that_cannot_be_had_is_told_before_anything_starts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str], fake_runs: list[Any]
):
    def locate(name: str) -> None:
        raise ModelError(f"The model {name!r} cannot be fetched: connect.")

    monkeypatch.setattr("formalrl.models.hub.locate", locate)
    assert main(["reproduce", "sentiment-kl", "--scale", "paper", "--output-dir", str(tmp_path / "o")]) == 2
    assert "lvwerra/gpt2-imdb" in capsys.readouterr().err
    assert fake_runs == [] and not (tmp_path / "o").exists()


def test_an_interrupted_reproduction_says_how_it_goes_on(
    claim: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr("formalrl.cli.sweep.run_sweep", lambda *args, **options: Outcome(code=130))
    assert main(["reproduce", claim, "--output-dir", str(tmp_path / "o")]) == 130
    assert "--scale laptop --seeds 3 --output-dir" in capsys.readouterr().err


@pytest.mark.slow
def test_runs_train_and_a_second_call_repeats_none(
    claim: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr("formalrl.experiments.comparison.page.drawings", lambda found: [])
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2] / "src"))
    arguments = ["reproduce", claim, "--scale", "smoke", "--output-dir", str(tmp_path / "out"), "--json"]
    found: list[dict[str, Any]] = []
    stamps: list[dict[Path, int]] = []
    for _ in range(2):
        assert main(arguments) == 0
        found.append(json.loads(capsys.readouterr().out))
        stamps.append({path: path.stat().st_mtime_ns for path in tmp_path.glob("out/*/*/metrics.jsonl")})
    assert found[0]["verdict"] == "ran" and found[0]["finished"] == {"plain": [0], "fast": [0]}
    assert found[0] == found[1] and stamps[0] == stamps[1] and stamps[0]
