"""A tokenizer of reviews for fresh models: byte-level pairs learned from them, so that any text has tokens."""

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from formalrl.tasks.number_tokenizer import BOS, EOS, PAD

if TYPE_CHECKING:
    from tokenizers import Tokenizer

MAX_TEXTS = 12_000
"""Texts that are looked at."""


def review_tokenizer(texts: Sequence[str], vocab_size: int) -> "Tokenizer":
    """Return a tokenizer like GPT-2's, trained on the first MAX_TEXTS texts; words carry the blank before them.

    Encoding and decoding give any text back. The special tokens have the last ids.
    """
    from tokenizers import Tokenizer

    return Tokenizer.from_str(_trained(tuple(texts[:MAX_TEXTS]), vocab_size))


@lru_cache(maxsize=2)
def _trained(texts: tuple[str, ...], vocab_size: int) -> str:
    """The tokenizer as JSON, since a tokenizer can be changed by whoever gets it."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = [BOS, EOS, PAD]
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size - len(special),
        min_frequency=2,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.add_special_tokens(special)
    return tokenizer.to_str()
