"""The recipe arithmetic_entropy: token entropy at the paper's coefficient."""

from formalrl.config import resolve
from formalrl.recipes.load import load_recipe


def test_exactly_this_term_is_on():
    config = resolve(load_recipe("arithmetic_entropy"))
    config.check()
    on = {name: part.coef for name, part in config.regularizers.items() if part.enabled}
    assert on == dict.fromkeys(["entropy"], 0.3)
    assert config.max_at_k == 1
