"""A classifier as the reward: it scores completions in the trainer's process, on the policy's device."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from formalrl.models.classifier import TextClassifier, classifier_labels, load_classifier
from formalrl.rewards.call import RewardKey, Verdict, score_rows
from formalrl.rewards.classifier import ClassifierReward, label_names
from formalrl.rewards.signature import RewardRow
from formalrl.types import Score


def check_classifier(reward: ClassifierReward) -> None:
    """Raise ModelError or ConfigError when the classifier is not there or lacks the label; no weights are read."""
    reward.label_index(label_names(classifier_labels(reward.model)))


@dataclass(frozen=True)
class ClassifierScorer:
    """A Scorer: the aligned output is the reward, `logit` and `probability` of the label are its parts."""

    reward: ClassifierReward
    classifier: TextClassifier
    label: int
    """Which output counts."""
    label_name: str
    is_correct: Callable[..., Any] | None = None
    """The task's own verdict, where it has one."""

    @classmethod
    def load(
        cls, reward: ClassifierReward, device: torch.device, is_correct: Callable[..., Any] | None = None
    ) -> "ClassifierScorer":
        """Return the scorer with its model on `device`. Raises ModelError or ConfigError."""
        labels = label_names(classifier_labels(reward.model))
        number = reward.label_index(labels)
        return cls(reward, load_classifier(reward.model, device), number, labels[number], is_correct)

    def describe(self) -> str:
        """Return one sentence: which model scores, by what, and where."""
        return (
            f"The reward is the {self.reward.output} of {self.label_name!r} by {self.reward.model}, in float32 on"
            f" {self.classifier.device}."
        )

    def score(self, rows: Sequence[RewardRow], key: RewardKey) -> list[Score]:
        """Return one Score a row, in order; equal texts are computed once. An output that is not finite has failed."""
        if not rows:
            return []
        texts = [_text(row) for row in rows]
        distinct = list(dict.fromkeys(texts))
        logits = self.classifier.logits(distinct, self.reward.batch_size)
        probabilities = logits.softmax(-1)[:, self.label].tolist()
        finite = logits.isfinite().all(-1).tolist()
        scores = {
            text: self._score(logit, probability) if whole else Score(None, "not_finite", detail="NaN or infinity")
            for text, logit, probability, whole in zip(
                distinct, logits[:, self.label].tolist(), probabilities, finite, strict=True
            )
        }
        return [scores[text] for text in texts]

    def _score(self, logit: float, probability: float) -> Score:
        value = logit if self.reward.output == "logit" else probability
        return Score(self.reward.aligned(value), parts={"logit": logit, "probability": probability})

    def judge(self, rows: Sequence[RewardRow], key: RewardKey) -> list[Score]:
        """Return what the task's `is_correct` says of each row."""
        assert self.is_correct is not None
        return score_rows(Verdict(self.is_correct), rows, key)

    def close(self) -> None:
        """Do nothing: the model goes with the scorer."""


def _text(row: RewardRow) -> str:
    """The text of a row, without surrogates, which no tokenizer takes."""
    text = f"{row.prompt if isinstance(row.prompt, str) else ''}{row.completion}"
    return text.encode("utf-8", "replace").decode("utf-8")
