"""The recipe sentiment_gpt2: the paper's model, data and numbers."""

from formalrl.config import resolve
from formalrl.recipes.load import load_recipe
from formalrl.tasks.sentiment import IMDB, Sentiment


def test_it_names_the_model_and_the_data_of_the_paper():
    config = resolve(load_recipe("sentiment_gpt2"))
    config.check()
    assert config.task == Sentiment(data=IMDB, prompt_tokens="lvwerra/gpt2-imdb")
    assert (config.model_name_or_path, config.prompts_per_step, config.learning_rate) == (
        "lvwerra/gpt2-imdb",
        256,
        1.41e-5,
    )
    assert [name for name, part in config.regularizers.items() if part.enabled] == ["kl"]
    assert config.sft is None


def test_another_model_can_be_named_above_it():
    config = resolve(load_recipe("sentiment_gpt2"), {"model_name_or_path": "EleutherAI/pythia-410m"})
    assert config.task == Sentiment(data=IMDB, prompt_tokens="EleutherAI/pythia-410m")
