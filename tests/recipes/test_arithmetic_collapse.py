"""The recipe arithmetic_collapse: the policy that collapses has no entropy term."""

from formalrl.config import resolve
from formalrl.recipes.load import load_recipe


def test_exactly_this_term_is_on():
    config = resolve(load_recipe("arithmetic_collapse"))
    config.check()
    on = {name: part.coef for name, part in config.regularizers.items() if part.enabled}
    assert on == dict.fromkeys([], 0.3)
    assert config.max_at_k == 1
