"""A tokenizer of short Python and plain English for fresh models: words of a closed list, else single characters."""

import re
import string
from collections.abc import Iterable
from typing import TYPE_CHECKING

from formalrl.tasks.number_tokenizer import BOS, EOS, PAD

if TYPE_CHECKING:
    from tokenizers import Tokenizer

CHARACTERS = "\n" + string.printable[:95]
"""Single characters that have a token: line feed and printable ASCII; others are lost."""


def words_of(texts: Iterable[str]) -> list[str]:
    """Return the words of two letters or more in some texts, sorted."""
    return sorted({word for text in texts for word in re.findall(r"[A-Za-z]{2,}", text)})


def code_tokenizer(words: Iterable[str]) -> "Tokenizer":
    """Return a tokenizer with a token for each word, for four blanks, and for each character of CHARACTERS.

    Decoding puts nothing between tokens, so encoding and decoding give the text back.
    """
    from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers

    special = [BOS, EOS, PAD]
    known = sorted(set(words), key=lambda word: (-len(word), word))
    tokens = [*CHARACTERS, "    ", *sorted(known), *special]
    tokenizer = Tokenizer(models.WordLevel({token: index for index, token in enumerate(tokens)}))
    tokenizer.add_special_tokens(special)
    tokenizer.normalizer = normalizers.Replace(Regex(r"[^\n\x20-\x7e]"), "")
    alternatives = "|".join([*(rf"\b{word}\b" for word in known), " {4}", r"[\s\S]"])
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(alternatives), "isolated")
    tokenizer.decoder = decoders.Fuse()
    return tokenizer
