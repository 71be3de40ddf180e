"""Fresh models: seeded, sized by tokenizer and task, loadable by transformers alone."""

from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM, AutoTokenizer

from formalrl.errors import ConfigError
from formalrl.models.config import ModelConfig
from formalrl.models.fresh import fresh_model, wrap_tokenizer
from formalrl.models.load import context_length

TINY = {"num_layers": 1, "hidden_size": 16, "num_heads": 2}


@pytest.mark.parametrize("architecture", ["gpt2", "gpt_neox", "llama"])
def test_the_folder_loads_with_transformers_alone(tmp_path: Path, task_tokenizer: Tokenizer, architecture: str) -> None:
    tokenizer = wrap_tokenizer(task_tokenizer, 48)
    model = fresh_model(
        ModelConfig(architecture=architecture, **TINY),  # type: ignore[arg-type]
        tokenizer,
        seed=3,
        context_length=48,
    )
    model.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    again, words = AutoModelForCausalLM.from_pretrained(tmp_path), AutoTokenizer.from_pretrained(tmp_path)
    ids = words.encode("5 + 3 =", add_special_tokens=False)
    assert ids == tokenizer.encode("5 + 3 =", add_special_tokens=False) == [11, 4, 9, 5]
    assert (words.bos_token, words.eos_token, words.pad_token, words.unk_token) == ("<bos>", "<eos>", "<pad>", "<unk>")
    assert words.padding_side == "left" and words.model_max_length == 48
    inputs = torch.tensor([ids])
    torch.testing.assert_close(again(inputs).logits, model.eval()(inputs).logits, rtol=0, atol=0)
    assert context_length(again) == 48
    assert again.generation_config.eos_token_id == words.eos_token_id


def test_the_seed_alone_decides_the_weights(task_tokenizer: Tokenizer) -> None:
    tokenizer = wrap_tokenizer(task_tokenizer)
    first = fresh_model(ModelConfig(**TINY), tokenizer, seed=1)  # type: ignore[arg-type]
    before = torch.rand(1)
    torch.manual_seed(99)
    state = torch.random.get_rng_state()
    second = fresh_model(ModelConfig(**TINY), tokenizer, seed=1)  # type: ignore[arg-type]
    third = fresh_model(ModelConfig(**TINY), tokenizer, seed=2)  # type: ignore[arg-type]
    assert before.numel() == 1 and torch.equal(torch.random.get_rng_state(), state)
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), second.parameters(), strict=True))
    assert not torch.equal(first.get_input_embeddings().weight, third.get_input_embeddings().weight)


def test_vocabulary_is_the_tokenizer_rounded_up(task_tokenizer: Tokenizer) -> None:
    tokenizer = wrap_tokenizer(task_tokenizer)
    assert len(tokenizer) == 26
    assert fresh_model(ModelConfig(**TINY), tokenizer, seed=0).config.vocab_size == 26  # type: ignore[arg-type]
    rounded = fresh_model(ModelConfig(vocab_multiple_of=16, **TINY), tokenizer, seed=0)  # type: ignore[arg-type]
    assert rounded.config.vocab_size == 32


def test_gpt2_preset_is_the_full_configuration(task_tokenizer: Tokenizer) -> None:
    with torch.device("meta"):
        model = fresh_model(ModelConfig(preset="gpt2"), wrap_tokenizer(task_tokenizer), seed=0)
    config = model.config
    assert (config.n_layer, config.n_embd, config.n_head, config.n_positions) == (12, 768, 12, 1024)
    body = sum(p.numel() for name, p in model.named_parameters() if "wte" not in name)
    assert body == 124_439_808 - 50_257 * 768  # GPT-2's own count, less its embeddings


def test_bfloat16_weights_are_the_rounded_float32_ones(task_tokenizer: Tokenizer) -> None:
    tokenizer = wrap_tokenizer(task_tokenizer)
    full = fresh_model(ModelConfig(**TINY), tokenizer, seed=1)  # type: ignore[arg-type]
    half = fresh_model(ModelConfig(dtype="bfloat16", **TINY), tokenizer, seed=1)  # type: ignore[arg-type]
    assert torch.equal(half.get_input_embeddings().weight, full.get_input_embeddings().weight.bfloat16())


def test_missing_special_tokens_and_unknown_kernels_are_one_line(task_tokenizer: Tokenizer) -> None:
    from tokenizers.models import WordLevel

    with pytest.raises(ConfigError, match="no <bos>, <eos>, which"):
        wrap_tokenizer(Tokenizer(WordLevel({"<pad>": 0, "a": 1}, unk_token="a")))
    with pytest.raises(ConfigError, match="cannot be made") as caught:
        fresh_model(ModelConfig(attn_implementation="nonsense"), wrap_tokenizer(task_tokenizer), seed=0)
    assert "\n" not in str(caught.value)
