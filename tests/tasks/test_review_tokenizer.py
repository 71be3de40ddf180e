import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from formalrl.tasks.film_reviews import film_reviews
from formalrl.tasks.review_tokenizer import review_tokenizer

TEXTS = film_reviews(400)


@given(st.text(max_size=40))
def test_any_text_comes_back(text):
    tokenizer = review_tokenizer(TEXTS, 1024)
    assert tokenizer.decode(tokenizer.encode(text).ids) == text


def test_frequent_words_are_one_token_and_special_tokens_exist():
    tokenizer = review_tokenizer(TEXTS, 1024)
    assert tokenizer.encode("The film was a great film").tokens == ["The", "Ġfilm", "Ġwas", "Ġa", "Ġgreat", "Ġfilm"]
    assert tokenizer.get_vocab_size() <= 1024
    assert None not in [tokenizer.token_to_id(token) for token in ("<bos>", "<eos>", "<pad>")]


def test_another_process_learns_the_same_tokens():
    code = (
        "from formalrl.tasks.film_reviews import film_reviews\n"
        "from formalrl.tasks.review_tokenizer import review_tokenizer\n"
        "print(review_tokenizer(film_reviews(400), 1024).to_str(), end='')"
    )
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert other == review_tokenizer(TEXTS, 1024).to_str()
