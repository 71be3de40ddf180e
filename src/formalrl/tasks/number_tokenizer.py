"""Tokenizers of arithmetic text for fresh models: one token a number, or one token a character.

The vocabulary is closed: digits or numbers, operators, `=`, `<bos>`, `<eos>`, `<pad>`; there is no unknown token, and
encoding anything else raises. Nothing is added to a text: whoever encodes a prompt puts `<bos>` in front.
"""

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Vocabulary = Literal["complete", "character"]

BOS, EOS, PAD = "<bos>", "<eos>", "<pad>"


def number_tokenizer(operators: str, max_value: int) -> "Tokenizer":
    """Return the tokenizer with a token for each number below `max_value`, and for each negative one where `-` is used.

    Blanks between tokens do not matter; decoding puts one between any two. A `-` that begins the text or follows an
    operator or `=` belongs to its number, so `5 - -3` and `5--3` are the tokens `5`, `-`, `-3`.
    """
    smallest = 1 - max_value if "-" in operators else 0
    numbers = [str(number) for number in (*range(max_value), *range(-1, smallest - 1, -1))]
    return _word_level(numbers, operators, r"(?:(?<=[+*=-])|(?<=[+*=-] )|^)-[0-9]+|[0-9]+|[^0-9 ]", fused=False)


def character_tokenizer(operators: str) -> "Tokenizer":
    """Return the tokenizer with a token for each digit; decoding puts nothing between tokens."""
    return _word_level([str(digit) for digit in range(10)], operators, "[^ ]", fused=True)


def _word_level(numbers: list[str], operators: str, token: str, *, fused: bool) -> "Tokenizer":
    from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers

    special = [BOS, EOS, PAD]
    words = [*numbers, *operators, "=", *special]
    tokenizer = Tokenizer(models.WordLevel({word: index for index, word in enumerate(words)}))
    tokenizer.add_special_tokens(special)
    tokenizer.normalizer = normalizers.Sequence([normalizers.Replace(Regex(r"\s+"), " "), normalizers.Strip()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(token), "isolated"), pre_tokenizers.Split(" ", "removed")]
    )
    if fused:
        tokenizer.decoder = decoders.Fuse()
    return tokenizer
