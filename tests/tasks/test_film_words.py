from formalrl.rewards.sentiment import compound
from formalrl.tasks.film_words import AGAINST, FAVOR, NOUNS


def test_the_vocabulary_is_wide_and_repeats_no_alternative():
    for table in (NOUNS, FAVOR, AGAINST):
        for symbol, words in table.items():
            assert len(words) == len(set(words)) >= 6, symbol
    assert sum(len(words) for table in (NOUNS, FAVOR, AGAINST) for words in table.values()) > 400


def test_the_words_of_each_side_score_on_that_side():
    good, bad = (sum(compound(word) for word in words) / len(words) for words in (FAVOR["good"], AGAINST["bad"]))
    assert bad < -0.25 and good > 0.3
    assert not [word for word in FAVOR["good"] if compound(word) < 0]
    assert not [word for word in AGAINST["bad"] if compound(word) > 0]
