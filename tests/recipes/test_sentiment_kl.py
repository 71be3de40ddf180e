"""The recipe sentiment_kl: the paper's controller, and nothing else."""

from formalrl.config import resolve
from formalrl.recipes.load import load_recipe


def test_the_penalty_is_the_adaptive_one_of_the_paper_in_the_reward():
    config = resolve(load_recipe("sentiment_kl"))
    config.check()
    assert [name for name, part in config.regularizers.items() if part.enabled] == ["kl"]
    kl = config.to_dict()["regularizers"]["kl"]
    assert (kl["coef"], kl["target"], kl["horizon"], kl["placement"]) == (0.2, 6.0, 10_000, "reward")
