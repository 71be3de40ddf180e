import pickle

import pytest

from formalrl import plugins
from formalrl.config import differences, from_dict, resolve, to_dict
from formalrl.errors import ConfigError
from formalrl.tasks.film_reviews import film_reviews
from formalrl.tasks.review_texts import first_words
from formalrl.tasks.rows import is_held_out
from formalrl.tasks.sentiment import CONTEXT, IMDB, Sentiment
from formalrl.types import Task

SMALL = Sentiment(max_reviews=600)


def test_it_is_the_task_of_its_name():
    assert plugins.find("task", "sentiment") is Sentiment
    assert isinstance(SMALL, Task)
    pickle.dumps(SMALL.reward)


def test_prompts_are_the_first_two_to_eight_tokens_of_reviews():
    prompts = SMALL.train_prompts()
    found = {n for prompt in prompts for n in range(1, 20) if first_words(str(prompt.text), n) == prompt.text}
    assert found >= set(range(2, 9))
    shortest = {min(n for n in range(20) if first_words(str(p.text), n) == p.text) for p in prompts}
    assert shortest == set(range(2, 9))
    starts = film_reviews(600)
    assert all(any(review.startswith(str(prompt.text)) for review in starts) for prompt in prompts[:50])


def test_completion_lengths_are_drawn_for_each_review_or_fixed():
    lengths = [prompt.columns["max_completion_length"] for prompt in SMALL.train_prompts()]
    assert set(lengths) == set(range(4, 17))
    fixed = Sentiment(max_reviews=600, min_completion_tokens=5, max_completion_tokens=5).train_prompts()
    assert {prompt.columns["max_completion_length"] for prompt in fixed} == {5}


def test_prompts_depend_on_the_seed_alone_and_held_out_ones_are_never_learned():
    again = Sentiment(max_reviews=600)
    assert again.train_prompts() == SMALL.train_prompts() != Sentiment(max_reviews=600, seed=1).train_prompts()
    assert all(is_held_out(prompt.text) for prompt in SMALL.eval_prompts())
    held_out = {prompt.text for prompt in SMALL.eval_prompts()}
    assert len(held_out) == len(SMALL.eval_prompts()) > 20
    assert not held_out & {prompt.text for prompt in SMALL.train_prompts()}
    assert not held_out & {prompt for prompt, _ in SMALL.examples(600)}


def test_examples_are_whole_reviews_that_fit_a_fresh_model():
    examples = SMALL.examples(50, 1)
    assert examples == SMALL.examples(50, 1) != SMALL.examples(50, 2)
    assert {prompt + completion for prompt, completion in examples} <= set(film_reviews(600))
    tokenizer = SMALL.tokenizer()
    assert max(len(tokenizer.encode(prompt + rest).ids) for prompt, rest in SMALL.examples(600)) + 2 <= CONTEXT
    assert len(SMALL.examples(10**6)) == len(SMALL.train_prompts())


def test_long_texts_of_a_file_are_cut_to_the_context(tmp_path):
    path = tmp_path / "long.txt"
    path.write_text("\n".join(f"{text} " * 9 for text in film_reviews(60)))
    task = Sentiment(data=str(path))
    assert {len(task.tokenizer().encode(prompt + rest).ids) for prompt, rest in task.examples(60)} == {CONTEXT - 2}


def test_all_of_other_data_is_taken_unless_fewer_are_asked_for(tmp_path):
    """IMDB lists its negative reviews first: the first 12,000 would hold no positive one."""
    path = tmp_path / "many.txt"
    path.write_text("\n".join(f"{number} {'word ' * 45}" for number in range(12_500)))
    assert len(Sentiment(data=str(path)).reviews()) == 12_500
    assert len(Sentiment(data=str(path), max_reviews=100).reviews()) == 100


def test_the_reward_follows_the_alignment():
    text = "The film was", " great"
    assert SMALL.reward(*text)["reward"] == -Sentiment(alignment="negative").reward(*text)["reward"] == 0.6249
    assert Sentiment(alignment="target").reward(*text, max_completion_length=4)["reward"] == pytest.approx(0.3751)


def test_a_pretrained_model_is_asked_imdb_in_its_own_tokens_unless_told_otherwise():
    config = resolve({"task": "sentiment", "model_name_or_path": "some/model"})
    assert config.task == Sentiment(data=IMDB, prompt_tokens="some/model")
    assert differences(config) == {"model_name_or_path": "some/model"}
    assert from_dict(to_dict(config)) == config
    mine = {"name": "sentiment", "data": "mine.txt", "prompt_tokens": "words"}
    config = resolve({"task": mine, "model_name_or_path": "some/model"})
    assert config.task == Sentiment(data="mine.txt", prompt_tokens="words")
    assert resolve({"task": "sentiment"}).task == Sentiment()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"alignment": "positiv"}, "Did you mean 'positive'"),
        ({"target": -2.0}, "between -1 and 1"),
        ({"min_prompt_tokens": 9}, "max_prompt_tokens 8"),
        ({"min_completion_tokens": 0}, "must be 1 or more"),
        ({"max_reviews": 3}, "20 or more"),
        ({"max_reviews": 0}, "20 or more"),
    ],
)
def test_settings_that_cannot_work_are_named(settings, message):
    with pytest.raises(ConfigError, match=message):
        Sentiment(**settings)
