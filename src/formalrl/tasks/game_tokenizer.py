"""A tokenizer of games for fresh models: a word of the language is a token, an opening bracket part of it."""

import re
import string
from collections.abc import Iterable
from typing import TYPE_CHECKING

from formalrl.games.embedded.signatures import FORMS, WORDS
from formalrl.games.fim import MID, PRE, SUF
from formalrl.tasks.number_tokenizer import BOS, EOS, PAD

if TYPE_CHECKING:
    from tokenizers import Tokenizer

CHARACTERS = "\n" + string.printable[:95]
"""Characters of which a word without a token is made: line feed and printable ASCII; others are lost."""
MAX_NUMBER = 20
"""Whole numbers up to this have a token in any case."""

_INSIDE = "\x01"
"""Marks tokens that go on with a word; no text has it."""
_MARKS = "|".join(re.escape(mark) for mark in (PRE, SUF, MID))
_PIECE = rf' ?(?:{_MARKS}|"[^"\n]*"|\([A-Za-z]\w*|\([-+*/%^=<>!]=?|[A-Za-z]\w*:?|-?\d+(?:\.\d+)?|[(){{}}])|[\s\S]'
_COMPILED = re.compile(_PIECE)


def pieces(text: str) -> list[str]:
    """Return a text cut where tokens may end: at words with the blank before them, an opening bracket with its word."""
    return _COMPILED.findall(text)


def count_tokens(text: str) -> int:
    """Return how many tokens a text has for a model that knows its words."""
    return len(pieces(text))


def game_tokenizer(texts: Iterable[str]) -> "Tokenizer":
    """Return a tokenizer with a token for each piece of the texts, and of the language itself.

    A piece that has none is made of characters. Decoding puts nothing between tokens, so that encoding and decoding
    give the text back.
    """
    from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers

    special = [BOS, EOS, PAD]
    known = dict.fromkeys([*CHARACTERS, *(_INSIDE + character for character in CHARACTERS), *_language()])
    known.update(dict.fromkeys(piece for text in texts for piece in pieces(text)))
    vocabulary = {token: number for number, token in enumerate([*known, *special])}
    tokenizer = Tokenizer(
        models.WordPiece(
            vocabulary, unk_token=PAD, continuing_subword_prefix=_INSIDE, max_input_chars_per_word=1_000_000
        )
    )
    tokenizer.add_special_tokens(special)
    tokenizer.normalizer = normalizers.Replace(Regex(r"[^\n\x20-\x7e]"), "")
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(_PIECE), "isolated")
    tokenizer.decoder = decoders.Sequence([decoders.Replace(_INSIDE, ""), decoders.Fuse()])
    return tokenizer


def _language() -> list[str]:
    """Return the words of the language as they stand in games: `(is`, ` (is`, ` Line`, ` if:`, ` 3`."""
    heads = dict.fromkeys(form.head for form in FORMS)
    words = dict.fromkeys([*(word for form in FORMS for word in form.keywords), *sorted(set().union(*WORDS.values()))])
    labels = dict.fromkeys(param.label for form in FORMS for param in form.params if param.named)
    numbers = map(str, range(MAX_NUMBER + 1))
    out = [PRE, SUF, MID, f" {SUF}", "(", ")", "{", "}", " {"]
    out += [f"{blank}({head}" for head in heads for blank in ("", " ")]
    return out + [f" {label}:" for label in labels] + [f" {word}" for word in [*words, *numbers]]
