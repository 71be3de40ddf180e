from hypothesis import given
from hypothesis import strategies as st

from formalrl.tasks.code_tokenizer import CHARACTERS, code_tokenizer, words_of

TOKENIZER = code_tokenizer(["return", "def", "re"])


@given(st.text(alphabet=CHARACTERS))
def test_encoding_and_decoding_give_the_text_back(text):
    assert TOKENIZER.decode(TOKENIZER.encode(text).ids) == text


def test_known_words_are_one_token_and_others_are_spelled():
    assert TOKENIZER.encode("def f(x):\n    return").tokens == ["def", *" f(x):\n", "    ", "return"]
    assert TOKENIZER.encode("returns").tokens == list("returns")
    assert TOKENIZER.encode("é\tx").tokens == ["x"]


def test_words_are_those_of_letters():
    assert words_of(["x // 2 max(a)", "keep the first {k}"]) == ["first", "keep", "max", "the"]
