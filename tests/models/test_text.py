"""Prompts to tokens and back: beginnings, templates, lengths, exact texts, end tokens and forbidden tokens."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from formalrl.errors import ConfigError
from formalrl.models.config import ModelConfig
from formalrl.models.fresh import fresh_model, wrap_tokenizer
from formalrl.models.text import (
    decode_completion,
    encode_pair,
    encode_prompt,
    encode_prompts,
    eos_token_ids,
    forbidden_token_ids,
    prompt_text,
)
from formalrl.types import Prompt

MESSAGES = Prompt([{"role": "user", "content": "5 + 3"}])


def test_a_task_prompt_begins_with_bos_and_ends_with_its_text(task_tokenizer: Tokenizer) -> None:
    tokenizer = wrap_tokenizer(task_tokenizer)
    assert encode_prompt(tokenizer, Prompt("5 + 3 =")) == [1, 11, 4, 9, 5]
    assert encode_prompt(tokenizer, Prompt("")) == [1]


def test_bos_is_put_once_and_nothing_behind(
    pieces_tokenizer: PreTrainedTokenizerFast, bytes_tokenizer: PreTrainedTokenizerFast
) -> None:
    text = "What is 5 + 3"
    plain = pieces_tokenizer.encode(text, add_special_tokens=False)
    assert pieces_tokenizer.encode(text) == [1, *plain, 2], "this tokenizer adds both by itself"
    assert encode_prompt(pieces_tokenizer, Prompt(text)) == [1, *plain]
    plain = bytes_tokenizer.encode(text)
    assert encode_prompt(bytes_tokenizer, Prompt(text)) == [0, *plain], "this one adds none"
    assert encode_prompt(bytes_tokenizer, Prompt("<|endoftext|>" + text)) == [0, *plain], "the text has its own"
    bytes_tokenizer.bos_token = None
    assert encode_prompt(bytes_tokenizer, Prompt(text)) == plain
    with pytest.raises(ConfigError, match="gives no token"):
        encode_prompt(bytes_tokenizer, Prompt(""))


def test_chat_templates_open_the_assistants_turn(chat_tokenizer: PreTrainedTokenizerFast) -> None:
    end = "<|endoftext|>"
    rendered = chat_tokenizer.encode(f"{end}<|user|>5 + 3{end}<|assistant|>", add_special_tokens=False)
    assert encode_prompt(chat_tokenizer, MESSAGES) == rendered
    assert encode_prompt(chat_tokenizer, Prompt("5 + 3")) == rendered, "plain text becomes a user's message"
    assert encode_prompt(chat_tokenizer, Prompt("5 + 3"), chat="always") == rendered
    plain = chat_tokenizer.encode("5 + 3", add_special_tokens=False)
    assert encode_prompt(chat_tokenizer, Prompt("5 + 3"), chat="never") == [0, *plain]


def test_models_without_a_template_refuse_messages_or_write_them_plainly(
    bytes_tokenizer: PreTrainedTokenizerFast,
) -> None:
    assert encode_prompt(bytes_tokenizer, Prompt("5 + 3")) == [0, *bytes_tokenizer.encode("5 + 3")]
    with pytest.raises(ConfigError, match="the prompt is a list of chat messages"):
        encode_prompt(bytes_tokenizer, MESSAGES)
    with pytest.raises(ConfigError, match="chat is 'always'"):
        encode_prompt(bytes_tokenizer, Prompt("5 + 3"), chat="always")
    assert prompt_text(MESSAGES) == "user: 5 + 3\nassistant:"
    assert encode_prompt(bytes_tokenizer, MESSAGES, chat="never") == [
        0,
        *bytes_tokenizer.encode("user: 5 + 3\nassistant:"),
    ]


def test_nothing_is_cut_silently(task_tokenizer: Tokenizer) -> None:
    tokenizer = wrap_tokenizer(task_tokenizer)
    prompts = [Prompt("5 ="), Prompt("1 + 2 + 3 =")]
    fits = encode_prompts(tokenizer, prompts, max_completion_length=3, context_length=10)
    assert [len(ids) for ids in fits] == [3, 7]
    assert encode_prompts(tokenizer, prompts, max_completion_length=999, context_length=None) == fits
    with pytest.raises(ConfigError) as caught:
        encode_prompts(tokenizer, prompts, max_completion_length=4, context_length=10)
    message = str(caught.value)
    assert "'1 + 2 + 3 =' has 7 tokens" in message and "11 of the model's 10 positions" in message
    assert "set max_completion_length to 3 or less" in message
    with pytest.raises(ConfigError, match="drop or shorten such prompts"):
        encode_prompts(tokenizer, prompts, max_completion_length=1, context_length=7)


@pytest.mark.parametrize("text", ["The answer is 18 .", " 8", "8 , 9 !", "naïve 你好", "don 't  stop", "\n x"])
def test_completions_come_back_as_they_were_written(bytes_tokenizer: PreTrainedTokenizerFast, text: str) -> None:
    bytes_tokenizer.clean_up_tokenization_spaces = True
    _, ids = encode_pair(bytes_tokenizer, Prompt("What is 5 + 3 ?"), text)
    assert decode_completion(bytes_tokenizer, [*ids, 0]) == text
    assert decode_completion(bytes_tokenizer, ids, encode_prompt(bytes_tokenizer, Prompt("What"))) == text


def test_spaces_before_punctuation_are_not_tidied() -> None:
    words = ["<pad>", "<bos>", "<eos>", "do", "n't", "."]
    tokenizer = wrap_tokenizer(
        Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="<pad>"))
    )
    tokenizer.clean_up_tokenization_spaces = True
    assert decode_completion(tokenizer, [3, 4, 5, 2]) == "do n't ."


def test_the_prompt_keeps_the_space_that_pieces_lose(pieces_tokenizer: PreTrainedTokenizerFast) -> None:
    prompt, ids = encode_pair(pieces_tokenizer, Prompt("What is 5 + 3 ?"), " 18 .")
    assert decode_completion(pieces_tokenizer, ids) == "18 ."
    assert decode_completion(pieces_tokenizer, ids, prompt) == " 18 ."


def test_a_character_cut_in_two_does_not_spoil_the_completion(bytes_tokenizer: PreTrainedTokenizerFast) -> None:
    ids = bytes_tokenizer.encode("好", add_special_tokens=False)
    if len(ids) == 1:
        ids = [bytes_tokenizer.convert_tokens_to_ids(piece) for piece in ("å", "¥", "½")]
    whole = decode_completion(bytes_tokenizer, ids[1:], ids[:1])
    assert whole == decode_completion(bytes_tokenizer, ids[1:])


@given(st.lists(st.integers(0, 19), min_size=1, max_size=8))
def test_pairs_are_cut_where_the_prompt_ends(numbers: list[int]) -> None:
    words = ["<pad>", "<bos>", "<eos>", *(str(i) for i in range(20))]
    task = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="<pad>"))
    task.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer = wrap_tokenizer(task)
    text = [str(number) for number in numbers]
    prompt, completion = encode_pair(tokenizer, Prompt(" ".join(text[:-1])), " " + text[-1])
    assert prompt == [1, *(number + 3 for number in numbers[:-1])] and completion == [numbers[-1] + 3]


def test_pairs_that_merge_keep_the_prompts_tokens(bytes_tokenizer: PreTrainedTokenizerFast) -> None:
    prompt, completion = encode_pair(bytes_tokenizer, Prompt("answ"), "er")
    assert prompt == encode_prompt(bytes_tokenizer, Prompt("answ")), "joined, `answ` and `er` are other tokens"
    assert bytes_tokenizer.decode(completion) == "er"


def test_end_tokens_are_the_tokenizers_and_the_generation_settings(task_tokenizer: Tokenizer) -> None:
    tokenizer = wrap_tokenizer(task_tokenizer)
    model = fresh_model(ModelConfig(num_layers=1, hidden_size=16, num_heads=2), tokenizer, seed=0)
    assert eos_token_ids(tokenizer, model) == (2,)
    model.generation_config.eos_token_id = [7, 2, 50_256]
    assert eos_token_ids(tokenizer, model) == (2, 7), "ids beyond the model do not exist"
    model.generation_config.eos_token_id = None
    tokenizer.eos_token = None
    assert eos_token_ids(tokenizer, model) == ()


def test_forbidden_are_special_tokens_and_ids_without_a_token(
    task_tokenizer: Tokenizer, bytes_tokenizer: PreTrainedTokenizerFast
) -> None:
    tokenizer = wrap_tokenizer(task_tokenizer)
    config = ModelConfig(num_layers=1, hidden_size=16, num_heads=2, vocab_multiple_of=10)
    model = fresh_model(config, tokenizer, seed=0)
    assert forbidden_token_ids(tokenizer, model, extra=[5]) == (0, 1, 3, 5, 26, 27, 28, 29)
    bytes_tokenizer.pad_token = bytes_tokenizer.eos_token
    rows = len(bytes_tokenizer)
    model = fresh_model(ModelConfig(num_layers=1, hidden_size=16, num_heads=2), bytes_tokenizer, seed=0)
    assert model.config.vocab_size == rows
    assert forbidden_token_ids(bytes_tokenizer, model) == (), "the one special token must stay possible: it is the end"
