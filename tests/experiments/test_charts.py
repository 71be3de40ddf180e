"""Which charts a run has."""

from formalrl.experiments.charts import charts_of
from formalrl.experiments.runs import read_run


def test_a_whole_run_has_all_curves_and_its_lines(make_run):
    charts = {chart.name: chart for chart in charts_of(read_run(make_run(steps=40)))}
    assert set(charts) >= {
        "reward", "accuracy", "verdict", "dependence", "entropy", "kl", "kl_old", "clip", "length", "health",
        "learning_rate", "coef", "grad_norm", "loss", "parts", "sft",
    }  # fmt: skip
    lines = {line.name: line for line in charts["reward"].lines}
    assert set(lines) == {"train", "eval", "shuffled", "1 answer", "2 answers", "8 answers", "reference"}
    assert lines["1 answer"].is_level and lines["1 answer"].points[-1][1] == 0.748
    assert "value" not in charts, "a run without a value head has no chart of it"
    assert "from learning to healthy" in charts["verdict"].description()


def test_a_run_without_numbers_has_no_charts(make_run):
    folder = make_run(steps=5)
    for name in ("metrics.jsonl", "eval.jsonl", "sft.jsonl"):
        (folder / name).unlink()
    assert charts_of(read_run(folder)) == []


def test_a_run_with_evaluations_only_shows_their_entropies(make_run):
    folder = make_run(steps=5)
    (folder / "metrics.jsonl").unlink()
    (entropy,) = [chart for chart in charts_of(read_run(folder)) if chart.name == "entropy"]
    assert [line.name for line in entropy.lines] == ["entropy", "batch entropy"]
