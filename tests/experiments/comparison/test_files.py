"""The folder of figures: pictures, and numbers that a spreadsheet reads."""

import csv

from formalrl.experiments.comparison.charts import curve_drawings
from formalrl.experiments.comparison.curves import bands
from formalrl.experiments.comparison.files import write_figures
from formalrl.experiments.comparison.folders import find_runs, read_runs
from formalrl.experiments.comparison.grouping import compare
from formalrl.experiments.comparison.scores import outcomes


def read(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_numbers_and_pictures_are_written_and_equal_ones_are_equal(tmp_path, whole_sweep):
    comparison = compare(read_runs(find_runs([whole_sweep])))
    curves = bands({setting.name: setting.runs for setting in comparison.settings})
    found, _ = outcomes(comparison)
    drawn = curve_drawings(comparison, curves)[:1]
    for name in ("one", "two"):
        write_figures(tmp_path / name, comparison, found, curves, drawn)
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert names == ["curves.csv", "final.csv", "reward.png", "reward.svg", "runs.csv"]
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name
    runs = read(tmp_path / "one" / "runs.csv")
    assert [(r["regularizers.entropy.coef"], r["seed"], r["finished"]) for r in runs[:2]] == [
        ("0", "0", "true"), ("0", "1", "true"),
    ]  # fmt: skip
    final = {(r["setting"], r["metric"]): r for r in read(tmp_path / "one" / "final.csv")}
    mean = sum(float(r["reward"]) for r in runs[:3]) / 3
    assert abs(float(final["entropy.coef 0", "reward"]["mean"]) - mean) < 1e-12
    assert final["entropy.coef 0", "collapsed"]["mean"] == "1.0" and final["entropy.coef 0", "reward"]["seeds"] == "3"
    steps = [int(r["step"]) for r in read(tmp_path / "one" / "curves.csv") if r["metric"] == "eval_reward"]
    assert steps[:3] == [0, 2, 4]
