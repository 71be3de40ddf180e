"""Settings of a classifier as the reward, without the model."""

import pytest

from formalrl.errors import ConfigError
from formalrl.rewards.classifier import ClassifierReward, classifier_of, label_names
from formalrl.tasks.sentiment import Sentiment


@pytest.mark.parametrize(
    ("label", "labels", "index"),
    [
        (None, ("NEGATIVE", "POSITIVE"), 1),
        (None, ("pos", "neg"), 0),
        (None, ("neg", "neutral", "pos"), 2),
        (None, ("LABEL_0", "LABEL_1"), 1),
        (None, ("LABEL_0",), 0),
        ("negative", ("NEGATIVE", "POSITIVE"), 0),
        ("2", ("1 star", "2 stars", "3 stars"), 2),
    ],
)
def test_the_label_that_counts(label, labels, index):
    assert ClassifierReward(label=label).label_index(labels) == index


@pytest.mark.parametrize(
    ("settings", "labels", "message"),
    [
        ({"label": "positiv"}, ("negative", "positive"), "Did you mean 'positive'"),
        ({"label": "2"}, ("negative", "positive"), "its labels: 'negative', 'positive'"),
        ({}, ("a", "b", "c"), "task.classifier_label"),
        ({"output": "probability"}, ("score",), "set task.classifier_output to 'logit'"),
    ],
)
def test_labels_that_a_model_lacks_are_named(settings, labels, message):
    with pytest.raises(ConfigError, match=message):
        ClassifierReward(**settings).label_index(labels)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"output": "logits"}, "Did you mean 'logit'"),
        ({"alignment": "up"}, "'positive', 'negative', 'target'"),
        ({"batch_size": 0}, "1 or more"),
        ({"output": "probability", "target": 1.5}, "between 0 and 1"),
    ],
)
def test_settings_that_mean_nothing_are_named(settings, message):
    with pytest.raises(ConfigError, match=message):
        ClassifierReward(**settings)


def test_alignments_by_hand():
    assert ClassifierReward().aligned(2.5) == 2.5
    assert ClassifierReward(alignment="negative").aligned(2.5) == -2.5
    assert ClassifierReward(output="probability", alignment="target", target=0.5).aligned(0.9) == pytest.approx(0.6)


def test_only_a_task_that_asks_for_a_classifier_has_one():
    assert classifier_of(Sentiment()) is None and classifier_of(object()) is None
    task = Sentiment(scorer="classifier", classifier="a/b", classifier_output="probability", alignment="negative")
    assert classifier_of(task) == ClassifierReward("a/b", output="probability", alignment="negative")


def test_labels_come_in_the_order_of_the_outputs():
    assert label_names({1: "b", 0: "a"}) == ("a", "b")
