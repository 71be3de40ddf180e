"""A classifier as the reward, on a model that gives logits by hand."""

import pytest
import torch

from formalrl.models.classifier import TextClassifier
from formalrl.rewards.call import RewardKey
from formalrl.rewards.classifier import ClassifierReward
from formalrl.rewards.signature import RewardRow
from formalrl.training.classifier_scorer import ClassifierScorer


class Lengths(TextClassifier):
    """Logits (0, number of characters); NaN for a text with a question mark."""

    asked: list[str]

    def logits(self, texts, batch_size):
        self.asked.extend(texts)
        return torch.tensor([[0.0, float("nan") if "?" in text else float(len(text))] for text in texts])


def scorer(**settings):
    classifier = Lengths(torch.nn.Identity(), None, torch.device("cpu"), 8)
    object.__setattr__(classifier, "asked", [])
    return ClassifierScorer(ClassifierReward("my/model", **settings), classifier, 1, "POSITIVE")


ROWS = [RewardRow("a", "b", {}), RewardRow([{"role": "user", "content": "x"}], "c", {}), RewardRow("", "", {})]


def test_the_output_of_prompt_and_completion_is_the_reward():
    scores = scorer().score(ROWS, RewardKey())
    assert [score.reward for score in scores] == [2.0, 1.0, 0.0]
    assert scores[0].parts == {"logit": 2.0, "probability": pytest.approx(0.8808, abs=1e-4)}  # 1 / (1 + exp(-2))
    probabilities = scorer(output="probability", alignment="target", target=0.5).score(ROWS, RewardKey())
    assert probabilities[0].reward == pytest.approx(1 - 0.3808, abs=1e-4)
    assert scorer(alignment="negative").score(ROWS, RewardKey())[0].reward == -2.0


def test_equal_rows_are_computed_once_and_no_rows_cost_nothing():
    one = scorer()
    columns = {}
    rows = [RewardRow("a", "b", columns), RewardRow("c", "d", columns), RewardRow("a", "b", columns)]
    assert [score.reward for score in one.score(rows, RewardKey())] == [2.0, 2.0, 2.0]
    assert one.classifier.asked == ["ab", "cd"]
    assert one.score([], RewardKey()) == []


def test_an_output_that_is_not_finite_has_failed():
    (failed,) = scorer().score([RewardRow("why", "?", {})], RewardKey())
    assert (failed.reward, failed.error) == (None, "not_finite")


def test_text_that_no_tokenizer_takes_is_scored_without_its_surrogates():
    one = scorer()
    assert (
        one.score([RewardRow("a", "\udcff\ud800", {})], RewardKey())[0].error == "not_finite"
    )  # it has question marks
    assert one.classifier.asked == ["a??"]


def test_it_says_which_model_scores_and_where():
    expected = "The reward is the logit of 'POSITIVE' by my/model, in float32 on cpu."
    assert scorer().describe() == expected
