"""The recipe sentiment_best: the setting of the sweep over KL coefficients that it was chosen from."""

from pathlib import Path

import yaml

from formalrl.config import resolve
from formalrl.recipes.load import load_recipe

SWEEP = Path(__file__).parents[2] / "examples" / "sweeps" / "sentiment_pareto.yaml"


def test_it_is_a_setting_of_the_sweep_that_compares_coefficients():
    sweep = yaml.safe_load(SWEEP.read_text())
    (chosen,) = (run for run in sweep["runs"] if run.pop("name") == "KL 0.02")
    shared = {"regularizers.kl.placement": sweep["regularizers.kl.placement"]}
    config = resolve(load_recipe("sentiment_best"))
    config.check()
    assert config == resolve(load_recipe(sweep["recipe"]), shared, chosen)
