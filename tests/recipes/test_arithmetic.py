"""The paper's settings, which its recipes share."""

from formalrl.config import resolve
from formalrl.recipes._arithmetic import ppo_of_the_paper


def test_it_is_ppo_as_the_paper_runs_it_without_kl_and_entropy():
    config = resolve(ppo_of_the_paper())
    config.check()
    assert config.to_dict()["algorithm"]["name"] == "ppo"
    assert (config.algorithm.num_ppo_epochs, config.num_generations, config.prompt_selection) == (4, 1, "uniform")
    assert not any(part.enabled for part in config.regularizers.values())


def test_one_term_can_be_switched_on():
    config = resolve(ppo_of_the_paper(entropy={"coef": 0.2}))
    assert [name for name, part in config.regularizers.items() if part.enabled] == ["entropy"]
    assert config.regularizers["entropy"].coef == 0.2
