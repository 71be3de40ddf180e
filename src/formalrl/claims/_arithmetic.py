"""What the claims about arithmetic share: the paper's PPO with one entropy term or none, at three scales."""

from typing import Any

from formalrl.claims.parts import SMOKE_SEEDS, Scale, changed
from formalrl.recipes.load import load_recipe

NONE, ENTROPY, BATCH_ENTROPY = "no entropy term", "entropy 0.3", "batch entropy 0.3"
RECIPES = {
    NONE: "arithmetic_collapse",
    ENTROPY: "arithmetic_entropy",
    BATCH_ENTROPY: "arithmetic_batch_entropy",
}
SMOKE: dict[str, Any] = {
    "model.preset": "tiny",
    "prompts_per_step": 8,
    "max_steps": 3,
    "eval_steps": 2,
    "num_eval_prompts": 32,
    "num_diagnostic_prompts": 8,
    "warm_start.num_examples": 32,
}
PAPER: dict[str, Any] = {
    "model": {"preset": "gpt2", "context_length": 64, "initializer_range": None},
    "prompts_per_step": 128,
    "learning_rate": 1.41e-5,
    "max_steps": 1024,
    "eval_steps": 64,
}
"""The 124M configuration of GPT-2 from scratch, 2^17 prompts in batches of 128."""


def arithmetic_scales(*names: str) -> dict[str, Scale]:
    """Return the three scales of the settings with these names."""
    recipes = {name: load_recipe(RECIPES[name]) for name in names}

    def scale(changes: dict[str, Any], **options: Any) -> Scale:
        return Scale({name: changed(recipe, changes) for name, recipe in recipes.items()}, **options)

    return {
        "smoke": scale(SMOKE, seeds=SMOKE_SEEDS),
        "laptop": scale({}, note="2 layers of width 128 at a learning rate of 5e-4, 200 steps of 64 prompts"),
        "paper": scale(PAPER, note="GPT-2's 124M configuration from scratch at 1.41e-5, 1,024 steps of 128 prompts"),
    }
