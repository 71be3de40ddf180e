import pytest
from transformers import PreTrainedTokenizerFast

from formalrl.rewards.expressions import parse_statement
from formalrl.tasks.number_tokenizer import character_tokenizer, number_tokenizer

TEXTS = ["5 + 3", "5+3", "10 + 0", "-3", "5 - -3", "5--3", "5 - 3", "5-3", "99 * -99 - 1", "-1+-2", "7"]


def test_the_paper_has_a_token_a_number_and_five_others():
    tokenizer = number_tokenizer("+", 100)
    assert set(tokenizer.get_vocab()) == {*map(str, range(100)), "+", "=", "<bos>", "<eos>", "<pad>"}
    assert tokenizer.encode("5 + 13 =").tokens == ["5", "+", "13", "="]
    assert tokenizer.encode(" 20").tokens == tokenizer.encode("20").tokens == ["20"]


@pytest.mark.parametrize("tokenizer", [number_tokenizer("+-*", 100), character_tokenizer("+-*")])
@pytest.mark.parametrize("text", TEXTS)
def test_decoded_text_says_what_was_encoded(tokenizer, text):
    ids = tokenizer.encode(f"{text} = 8").ids
    assert ids == tokenizer.encode(f"{text}=8").ids
    statement, answer = tokenizer.decode(ids).split("=")
    assert parse_statement(statement) == parse_statement(text) and int(answer) == 8
    assert tokenizer.encode(tokenizer.decode(ids)).ids == ids


def test_a_sign_belongs_to_its_number_where_an_operand_begins():
    tokenizer = number_tokenizer("+-", 100)
    assert tokenizer.encode("5-3 - -2 + -10=-99").tokens == ["5", "-", "3", "-", "-2", "+", "-10", "=", "-99"]
    assert tokenizer.encode("-10").tokens == tokenizer.encode(" -10").tokens == ["-10"]


def test_characters_are_decoded_without_spaces():
    tokenizer = character_tokenizer("+")
    assert tokenizer.get_vocab_size() == 15
    assert tokenizer.decode(tokenizer.encode("5 + 13 = 18").ids) == "5+13=18"


def test_special_tokens_are_recognized_and_never_added():
    tokenizer = number_tokenizer("+", 100)
    assert tokenizer.encode("<bos>5+3=8<eos>").tokens == ["<bos>", "5", "+", "3", "=", "8", "<eos>"]
    assert tokenizer.encode("5").tokens == ["5"]
    assert tokenizer.decode(tokenizer.encode("8<eos><pad>").ids) == "8"


@pytest.mark.parametrize("text", ["100", "5 * 3", "x", "²", "05"])
def test_text_outside_the_language_raises(text):
    with pytest.raises(Exception, match="WordLevel"):
        number_tokenizer("+", 100).encode(text)


@pytest.mark.parametrize("make", [lambda: number_tokenizer("+-", 100), lambda: character_tokenizer("+")])
def test_it_survives_saving_and_loading_by_transformers(make, tmp_path):
    tokenizer = make()
    names = {"bos_token": "<bos>", "eos_token": "<eos>", "pad_token": "<pad>"}
    wrapped = PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names)
    assert len(wrapped) == tokenizer.get_vocab_size()
    wrapped.save_pretrained(tmp_path)
    loaded = PreTrainedTokenizerFast.from_pretrained(tmp_path)
    text = "5 + 13 + 2 = 18 + 2 = 20"
    ids = tokenizer.encode(text).ids
    assert loaded(text)["input_ids"] == wrapped(text)["input_ids"] == ids
    assert loaded.decode(ids) == wrapped.decode(ids) == tokenizer.decode(ids)
    assert loaded.get_vocab() == tokenizer.get_vocab()
    assert (loaded.bos_token, loaded.eos_token, loaded.pad_token) == ("<bos>", "<eos>", "<pad>")
    assert loaded.decode(
        [*ids, loaded.eos_token_id, loaded.pad_token_id], skip_special_tokens=True
    ) == tokenizer.decode(ids)
