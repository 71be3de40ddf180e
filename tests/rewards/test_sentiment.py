import os
import pickle
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from formalrl import plugins
from formalrl.errors import ConfigError
from formalrl.rewards.sentiment import SentimentReward, compound

ANALYZER = SentimentIntensityAnalyzer()
SENTENCES = (
    "",
    "The film was good.",
    "The film was not good.",
    "The film was very good.",
    "The film was VERY good!!!",
    "The film was GOOD!",
    "The film was kind of good.",
    "At least it isn't a horrible book.",
    "The plot was good, but the characters are uncompelling and the dialog is not great.",
    "I love it \N{SMILING FACE WITH HEART-SHAPED EYES}\N{CRYING FACE}",
    "never so boring, without doubt the worst :( lol",
    "The film runs for two hours.",
)


def test_it_is_the_reward_of_its_name():
    assert plugins.find("reward", "sentiment") is SentimentReward
    pickle.dumps(SentimentReward())


@pytest.mark.parametrize("sentence", SENTENCES)
@pytest.mark.parametrize("cut", [0, 9])
def test_the_score_of_prompt_and_completion_is_the_compound_of_the_library(sentence, cut):
    expected = ANALYZER.polarity_scores(sentence)["compound"]
    assert SentimentReward()(sentence[:cut], sentence[cut:]) == {"reward": expected, "compound": expected}


def test_known_answers_differ_in_negation_emphasis_capitals_and_emoji():
    negated, plain, stressed = map(compound, SENTENCES[2:0:-1] + SENTENCES[3:4])
    assert negated < 0 < plain < stressed < compound(SENTENCES[4])
    assert compound("great") == 0.6249  # valence 3.1: 3.1 / sqrt(3.1^2 + 15)
    assert compound("great \N{THUMBS UP SIGN}") == compound("great thumbs up")
    assert compound("The train leaves at nine.") == 0.0


@pytest.mark.parametrize("score", [0.6249, -0.5423, 0.0])
def test_each_alignment_asks_for_what_it_says(score):
    text = {0.6249: "great", -0.5423: "bad", 0.0: "table"}[score]
    assert SentimentReward("negative")("", text) == {"reward": -score, "compound": score}
    near = SentimentReward("target", 0.25)("", text)
    assert near == {"reward": pytest.approx(1 - abs(score - 0.25)), "compound": score}


@settings(max_examples=50, deadline=None)
@given(st.text(st.characters(codec=None), max_size=60), st.text(max_size=60))
def test_any_text_has_a_score_between_its_bounds(prompt, completion):
    for reward in (SentimentReward(), SentimentReward("target", -1.0)):
        assert -1.0 <= reward(prompt, completion)["reward"] <= 1.0


@pytest.mark.parametrize("text", ["\ud800 bad", "\x00", "\N{ZERO WIDTH JOINER}" * 9, "!" * 5000, "\u202egood", " \t\n"])
def test_odd_texts_do_not_raise(text):
    assert -1.0 <= compound(text) <= 1.0


PIECES = ("great", "love", "best", "wonderful", "NOT", "isn't", "terrible", "kind of", "but", "!", "???", ":)", ":-(")
PIECES += (
    " ",
    " ",
    "\n",
    "\t",
    "\0",
    "\ud800",
    "\u202e",
    "\N{ZERO WIDTH JOINER}",
    "\N{CRYING FACE}",
    "\N{THUMBS UP SIGN}",
)
PIECES += ("9" * 30, "A", "é", "'", '"', ".", ",", "at least", "the", "never so", "without doubt", "%s", "\\")
NUM_FUZZED = int(os.environ.get("FORMALRL_FUZZED_SENTIMENTS", "3000"))


def test_arbitrary_completions_have_a_score_between_the_bounds():
    draw = random.Random(0)
    score, target, seen = SentimentReward(), SentimentReward("target", 1.0), set()
    for number in range(NUM_FUZZED):
        if number % 4:
            completion = "".join(draw.choices(PIECES, k=draw.randrange(12)))
        else:
            completion = "".join(chr(draw.randrange(0x110000)) for _ in range(draw.randrange(20)))
        reward = (score if number % 2 else target)(draw.choice(("", "The film was ", [])), completion)["reward"]
        assert -1.0 <= reward <= 1.0
        seen.add(round(reward, 1))
    assert len(seen) > 15


def test_settings_that_mean_nothing_are_named():
    with pytest.raises(ConfigError, match="Did you mean 'positive'"):
        SentimentReward("positiv")
    with pytest.raises(ConfigError, match="between -1 and 1"):
        SentimentReward("target", 2.0)
