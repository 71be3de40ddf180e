"""Tiny models and tokenizers in the hub's format, made on the spot."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import (
    AutoModelForCausalLM,
    GPT2Config,
    GPTNeoXConfig,
    LlamaConfig,
    PreTrainedModel,
    PreTrainedTokenizerFast,
)

torch.set_num_threads(1)

CORPUS = [
    "What is 5 + 3 + 10 ? The answer is 18 .",
    "the quick brown fox",
    "naïve 你好 answers",
    "user assistant role",
] * 3
CHAT_TEMPLATE = (
    "{{ bos_token }}{% for m in messages %}<|{{ m['role'] }}|>{{ m['content'] }}{{ eos_token }}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


@pytest.fixture
def task_tokenizer() -> Tokenizer:
    """A token per number, as a task gives it to a fresh model."""
    words = ["<pad>", "<bos>", "<eos>", "<unk>", "+", "=", *(str(i) for i in range(20))]
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return tokenizer


@pytest.fixture
def bytes_tokenizer() -> PreTrainedTokenizerFast:
    """As GPT-2's: byte-level, one special token for every role but padding, nothing added by itself."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    tokenizer.train_from_iterator(
        CORPUS,
        trainers.BpeTrainer(
            vocab_size=300, special_tokens=["<|endoftext|>"], initial_alphabet=alphabet, show_progress=False
        ),
    )
    end = "<|endoftext|>"
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token=end, eos_token=end, unk_token=end)


@pytest.fixture
def pieces_tokenizer() -> PreTrainedTokenizerFast:
    """As Llama's: spaces are part of the pieces, BOS and EOS are put around by itself."""
    special = ["<unk>", "<s>", "</s>"]
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.train_from_iterator(
        CORPUS, trainers.BpeTrainer(vocab_size=120, special_tokens=special, show_progress=False)
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 1), ("</s>", 2)]
    )
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="<unk>", bos_token="<s>", eos_token="</s>")


@pytest.fixture
def chat_tokenizer(bytes_tokenizer: PreTrainedTokenizerFast) -> PreTrainedTokenizerFast:
    """A byte-level tokenizer with a chat template."""
    bytes_tokenizer.chat_template = CHAT_TEMPLATE
    return bytes_tokenizer


def make_model(architecture: str, vocab_size: int, *, dropout: float = 0.1, **special: int) -> PreTrainedModel:
    """A one- or two-layer model with weights large enough that changes show."""
    wide = {
        "num_hidden_layers": 2,
        "hidden_size": 16,
        "num_attention_heads": 2,
        "intermediate_size": 32,
        "max_position_embeddings": 64,
        "vocab_size": vocab_size,
        "initializer_range": 0.3,
        "attention_dropout": dropout,
    }
    configs = {
        "gpt2": lambda: GPT2Config(
            n_layer=2, n_embd=16, n_head=2, n_positions=64, vocab_size=vocab_size, initializer_range=0.3,
            resid_pdrop=dropout, embd_pdrop=dropout, attn_pdrop=dropout, **special,
        ),
        "gpt_neox": lambda: GPTNeoXConfig(hidden_dropout=dropout, **wide, **special),
        "llama": lambda: LlamaConfig(**wide, **special),
    }  # fmt: skip
    torch.manual_seed(0)
    return AutoModelForCausalLM.from_config(configs[architecture]())


@pytest.fixture
def hub_folder(tmp_path: Path, bytes_tokenizer: PreTrainedTokenizerFast) -> Callable[..., Path]:
    """`hub_folder("llama")` -> a folder with a pretrained model and its tokenizer."""

    def build(architecture: str, *, dropout: float = 0.1, tokenizer: PreTrainedTokenizerFast | None = None) -> Path:
        tokenizer = tokenizer or bytes_tokenizer
        folder = tmp_path / f"hub-{architecture}"
        special = {"bos_token_id": tokenizer.bos_token_id, "eos_token_id": tokenizer.eos_token_id}
        make_model(architecture, len(tokenizer) + 4, dropout=dropout, **special).save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        return folder

    return build
