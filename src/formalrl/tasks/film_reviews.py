"""The project's own corpus: reviews of films that never were, written by a grammar, each longer than 200 characters.

A review has a mood (positive, negative, mixed, neutral; a quarter each) that decides which sentences it draws. The
review of a number is a pure function of that number, so the corpus needs no file and is the same everywhere.
"""

import random
import re
from collections.abc import Mapping
from functools import lru_cache

from formalrl.tasks.film_words import AGAINST, FAVOR, NOUNS

MOODS = ("positive", "negative", "mixed", "neutral")
NUM_REVIEWS = 12_000
"""Reviews of the corpus."""
MIN_CHARACTERS = 200
"""A review is longer than this."""

_SYMBOL = re.compile(r"\{(\w+)\}")
_NEUTRAL = (
    "I {watched} this {plain} {film} {company}.",
    "I {watched} it {company}.",
    "This is a {plain} {film} about a {job} who {verb} {place} {time}.",
    "The {film} follows a {job} who {verb} {place} {time}.",
    "It is set in {place} {time} and runs for {length}.",
    "A {job} finds a {thing} and {verb} {place}.",
    "The {person} also made a {plain} {film} in {decade}.",
    "The {plain} {film} runs for {length}.",
    "Most of it takes place in {place}, {time}.",
    "There is a scene with a {thing} and a {job} near the end.",
    "My copy of this {film} came with the {thing} on the cover.",
    "The {part} reminded me of a {film} from {decade}.",
    "When a {job} {verb} {place}, a {thing} goes with them.",
    "In the {film} a {job} and a {job} share a {thing}.",
    "Before this I had only seen a {film} by the same {person}.",
    "We see the {thing} again when the {job} {verb} {place}.",
)
_SIDED = (
    "The {part} is {adverb} {adjective} and the {part} is {adjective}.",
    "The {part} was {adjective}, and so was the {part}.",
    "I {sided_verb} the {part} and the {adjective} {part}.",
    "I {sided_verb} this {film}, because the {part} is {adjective}.",
    "What a {adjective} {film}!",
    "This {film} is a {noun}, with a {adjective} {piece} and {adjective} {part}.",
    "This {plain} {film} was {adverb} {adjective}, a {noun}.",
    "The {person} {does}.",
    "The {person} gives a {adjective} performance and the {part} {does}.",
    "In the end {crowd} {crowd_does}.",
    "It has a {adjective} {piece}, a {adjective} {piece} and a {adverb} {adjective} {person}.",
    "Every scene with the {job} is {adjective}!",
    "My sister thought the {part} was {adjective}, and I agree.",
    "From the {adjective} {part} to the {adjective} {part}, this {film} is a {noun}.",
    "A {adjective} {person} and a {adjective} {piece} make this {film} a {noun}.",
    "For {length} the {film} {does}, and {crowd} {crowd_does}.",
    "Nothing about the {part} is less than {adjective}.",
)
_MIXED = (
    "The {part} is {good}, but the {part} is {bad}.",
    "Although the {person} is {bad}, the {part} {good_does}.",
    "I {good_verb} the {part}, yet I {bad_verb} the {part}.",
    "It is a {good} {film} with a {bad} {piece}.",
    "Half of this {film} is {good} and the other half is {bad}.",
    "The {person} {good_does}, while the {person} {bad_does}.",
    "After a {bad} {piece} comes a {adverb} {good} {piece}.",
)
_GOOD_END = (
    "I recommend it to {crowd}.",
    "See it with friends!",
    "It is one of the best of {decade}.",
    "A {good} {good_noun}.",
)
_BAD_END = ("Avoid it.", "It is one of the worst of {decade}.", "I cannot recommend it.", "A {bad} {bad_noun}.")
_ENDS = {
    "positive": _GOOD_END,
    "negative": _BAD_END,
    "mixed": (*_GOOD_END, *_BAD_END),
    "neutral": ("It ends in {place}.",),
}
_SIDES = {
    side: {"adjective": words[side], "noun": words[f"{side}_noun"], "sided_verb": words[f"{side}_verb"]}
    | {"does": words[f"{side}_does"], "adverb": words[f"{side}_adverb"], "crowd_does": words[f"{side}_crowd"]}
    for side, words in (("good", FAVOR), ("bad", AGAINST))
}


@lru_cache(maxsize=4)
def film_reviews(count: int = NUM_REVIEWS) -> tuple[str, ...]:
    """Return the first `count` distinct reviews."""
    found: dict[str, None] = {}
    number = 0
    while len(found) < count:
        found[film_review(number)] = None
        number += 1
    return tuple(found)


def film_review(number: int, mood: str | None = None) -> str:
    """Return the review of a number; of the mood MOODS[number % 4] where none is given."""
    mood = mood or MOODS[number % len(MOODS)]
    chance = random.Random(f"review:{mood}:{number}")
    text = ""
    while len(text) <= MIN_CHARACTERS:
        text += _sentence(mood, chance) + " "
    return text + _expand(chance.choice(_ENDS[mood]), {}, chance)


def _sentence(mood: str, chance: random.Random) -> str:
    """One sentence: a quarter of them is neutral whatever the mood."""
    if mood == "neutral" or chance.random() < 0.25:
        return _expand(chance.choice(_NEUTRAL), {}, chance)
    if mood == "mixed" and chance.random() < 0.5:
        return _expand(chance.choice(_MIXED), {"adverb": FAVOR["good_adverb"]}, chance)
    side = {"positive": "good", "negative": "bad"}.get(mood) or chance.choice(("good", "bad"))
    return _expand(chance.choice(_SIDED), _SIDES[side], chance)


def _expand(template: str, words: Mapping[str, tuple[str, ...]], chance: random.Random) -> str:
    """Replace every symbol, none twice by the same word where it can be helped; mend `a` before vowels."""
    table = {**NOUNS, **FAVOR, **AGAINST, **words}
    used: set[str] = set()

    def word(match: re.Match[str]) -> str:
        fresh = [one for one in table[match[1]] if one not in used] or list(table[match[1]])
        used.add(one := chance.choice(fresh))
        return one

    text = re.sub(r"\b([Aa]) (?=[aeiou](?!ne\b))", r"\1n ", _SYMBOL.sub(word, template))
    return text[0].upper() + text[1:]
