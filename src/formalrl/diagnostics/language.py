"""What has become of the language: variety and repetition of completions, counted on their tokens.

A policy that is paid by the word can earn more by writing less language; the reward does not show it, these numbers do.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

Tokens = Sequence[Hashable]


@dataclass(frozen=True)
class LanguageStatistics:
    """Counts over the completions of one evaluation; None where no completion is long enough."""

    distinct_1: float | None
    """Different tokens / tokens, over all completions together, in (0, 1] (Li et al. 2016, arXiv 1510.03055)."""
    distinct_2: float | None
    """Different pairs of neighboring tokens / pairs, over all completions together, in (0, 1]."""
    repetition: float | None
    """Share of the tokens that occurred before in the same completion, in [0, 1)."""
    repeated_phrase_fraction: float | None
    """Share of the completions of two tokens or more that are one phrase said again and again, in [0, 1]."""


def language_statistics(completions: Sequence[Tokens]) -> LanguageStatistics:
    """Return the counts over token sequences; end tokens should not be among them."""
    return LanguageStatistics(
        distinct_n(completions, 1),
        distinct_n(completions, 2),
        repetition(completions),
        repeated_phrase_fraction(completions),
    )


def distinct_n(completions: Sequence[Tokens], n: int) -> float | None:
    """Return distinct n-grams / n-grams over all completions; it falls with their number, so compare equal numbers."""
    grams = [tuple(tokens[i : i + n]) for tokens in completions for i in range(len(tokens) - n + 1)]
    return len(set(grams)) / len(grams) if grams else None


def repetition(completions: Sequence[Tokens]) -> float | None:
    """Return the share of the tokens that occurred before in their own completion."""
    total = sum(map(len, completions))
    return sum(len(tokens) - len(set(tokens)) for tokens in completions) / total if total else None


def repeated_phrase_fraction(completions: Sequence[Tokens]) -> float | None:
    """Return the share, among completions of two tokens or more, of those that are one repeated phrase."""
    long = [tokens for tokens in completions if len(tokens) > 1]
    return sum(map(is_repeated_phrase, long)) / len(long) if long else None


def is_repeated_phrase(tokens: Tokens) -> bool:
    """Return whether the tokens are a phrase written at least twice, the last time maybe cut: `a b a b a` is."""
    return len(tokens) > 1 and 2 * shortest_period(tokens) <= len(tokens)


def shortest_period(tokens: Tokens) -> int:
    """Return the least p >= 1 with tokens[i] == tokens[i + p] for all i (Knuth, Morris and Pratt: linear time)."""
    borders = [0] * len(tokens)  # length of the longest proper prefix of tokens[: i + 1] that is also its suffix
    for i in range(1, len(tokens)):
        length = borders[i - 1]
        while length and tokens[i] != tokens[length]:
            length = borders[length - 1]
        borders[i] = length + (tokens[i] == tokens[length])
    return len(tokens) - borders[-1] if tokens else 0
