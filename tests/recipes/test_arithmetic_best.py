"""The recipe arithmetic_best: the task's own settings, for longer."""

from formalrl.config import resolve
from formalrl.recipes.load import load_recipe


def test_it_is_a_longer_run_of_the_defaults():
    best, defaults = resolve(load_recipe("arithmetic_best")), resolve({"task": "arithmetic"})
    best.check()
    assert best.max_steps > defaults.max_steps
    assert best.algorithm == defaults.algorithm
    assert best.task == defaults.task
