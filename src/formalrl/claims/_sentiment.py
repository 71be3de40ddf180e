"""What the claims about sentiment share: scales of the paper's PPO, with its KL penalty and without."""

from collections.abc import Mapping
from typing import Any

from formalrl.claims.parts import SMOKE_SEEDS, Scale, changed
from formalrl.recipes.load import load_recipe

SMOKE: dict[str, Any] = {
    "task": {"name": "sentiment", "max_reviews": 200, "vocab_size": 400},
    "model.preset": "tiny",
    "prompts_per_step": 8,
    "max_steps": 3,
    "eval_steps": 1,
    "num_eval_prompts": 16,
    "num_diagnostic_prompts": 8,
    "warm_start.num_examples": 32,
}
HORIZON = 3_000
"""Completions: 100 steps of 256 are 2.56 horizons of the paper's 10,000; 60 steps of 128 are 2.56 of these."""
FITTED_KL = {"regularizers.kl.horizon": HORIZON}
LAPTOP_NOTE = (
    "2 layers of width 128 on the project's own reviews, 60 steps of 128 prompts at 2e-4; the horizon of the KL"
    f" controller is {HORIZON:,} completions, so that a run is as many horizons long as 100 steps of 256 with 10,000"
)


def sentiment_scales(
    recipes: Mapping[str, str], laptop: Mapping[str, Mapping[str, Any]], paper: Mapping[str, Mapping[str, Any]]
) -> dict[str, Scale]:
    """Return the three scales.

    Args:
        recipes: name of a setting -> the recipe that it starts from.
        laptop: name of a setting -> its changes of the recipe, at the scales `smoke` and `laptop`.
        paper: the same over the recipe `sentiment_gpt2`, at the scale `paper`.
    """
    own = {name: changed(load_recipe(recipe), laptop[name]) for name, recipe in recipes.items()}
    real = {name: changed(load_recipe("sentiment_gpt2"), paper[name]) for name in recipes}
    models = tuple(dict.fromkeys(str(settings["model_name_or_path"]) for settings in real.values()))
    return {
        "smoke": Scale({name: changed(settings, SMOKE) for name, settings in own.items()}, SMOKE_SEEDS),
        "laptop": Scale(own, note=LAPTOP_NOTE),
        "paper": Scale(real, note="100 steps of 256 IMDB prompts at 1.41e-5", models=models),
    }
