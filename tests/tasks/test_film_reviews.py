import re
import subprocess
import sys

import pytest

from formalrl.rewards.sentiment import compound
from formalrl.tasks.film_reviews import MOODS, film_review, film_reviews

COUNT = 2_000


def test_reviews_are_distinct_longer_than_200_characters_and_finished():
    reviews = film_reviews(COUNT)
    assert len(set(reviews)) == len(reviews) == COUNT
    for review in reviews:
        assert len(review) > 200
        assert "{" not in review and "}" not in review and "  " not in review
        assert review[0].isupper() and review[-1] in ".!"
        assert not re.search(r"\b[Aa] [aiou]", review), review
    sentences = {sentence for review in reviews for sentence in re.split(r"(?<=[.!?])\s+", review)}
    assert len(sentences) > 3 * COUNT  # several thousand; of about 9,600


def test_a_review_is_the_same_in_every_process():
    code = "from formalrl.tasks.film_reviews import film_review; print(film_review(7))"
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    assert other == film_review(7) != film_review(11)


def test_fewer_reviews_are_the_first_of_more():
    assert film_reviews(50) == film_reviews(COUNT)[:50]


@pytest.mark.parametrize(
    ("mood", "low", "high"), [("positive", 0.7, 1), ("negative", -1, -0.7), ("neutral", -0.3, 0.3)]
)
def test_the_mood_decides_the_mean_score(mood, low, high):
    assert mood in MOODS
    assert low < sum(compound(film_review(number, mood)) for number in range(100)) / 100 < high


def test_mixed_reviews_speak_for_and_against():
    scores = [compound(film_review(number, "mixed")) for number in range(100)]
    assert min(scores) < -0.5 and max(scores) > 0.5
