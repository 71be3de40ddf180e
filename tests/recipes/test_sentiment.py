"""What the recipes of the sentiment task share."""

from formalrl.config import resolve
from formalrl.recipes._sentiment import sentiment_ppo


def test_it_is_ppo_with_one_completion_a_prompt_and_a_reference_that_is_measured():
    config = resolve(sentiment_ppo())
    config.check()
    assert config.to_dict()["algorithm"]["name"] == "ppo"
    assert (config.num_generations, config.max_completion_length, config.track_reference) == (1, 16, True)
    assert not any(part.enabled for part in config.regularizers.values())
