"""What a text classifier is asked for where it is the reward: which model, which label, logit or probability.

These are settings. The model itself lives in the trainer, on the policy's device (`training.classifier_scorer`), as
workers never load torch.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from formalrl.errors import ConfigError, nearest
from formalrl.rewards.sentiment import ALIGNMENTS, Alignment

DISTILBERT_IMDB = "lvwerra/distilbert-imdb"
"""The classifier of arXiv 2410.17126, on the Hugging Face hub."""
Output = Literal["logit", "probability"]
OUTPUTS = ("logit", "probability")
_POSITIVE = ("positive", "pos")


@dataclass(frozen=True)
class ClassifierReward:
    """The reward of prompt + completion by a classifier. Example: `ClassifierReward(output="probability")`."""

    model: str = DISTILBERT_IMDB
    """A sequence-classification model: a folder, or a name on the Hugging Face hub."""
    label: str | None = None
    """The label whose output counts, or its number. None: `positive` or `pos`; else the second of two, or the only."""
    output: Output = "logit"
    """`logit`: the label's, unbounded. `probability`: the softmax over the labels, in [0, 1]."""
    batch_size: int = 64
    """Texts a forward pass, 1 or more."""
    alignment: Alignment = "positive"
    """`positive`: the output is the reward. `negative`: its negative. `target`: 1 - |output - target|."""
    target: float = 0.0
    """The output that `target` asks for; 0.5 is a neutral probability."""

    def __post_init__(self) -> None:
        """Check the settings. Raises ConfigError."""
        for name, known in (("alignment", ALIGNMENTS), ("output", OUTPUTS)):
            value = getattr(self, name)
            if value not in known:
                listed = ", ".join(map(repr, known))
                raise ConfigError(f"{name} is {value!r}, but a classifier knows {listed}.{nearest(str(value), known)}")
        if self.batch_size < 1:
            raise ConfigError(f"batch_size is {self.batch_size!r}, but must be 1 or more: raise it.")
        if self.output == "probability" and not 0 <= self.target <= 1:
            raise ConfigError(f"target is {self.target!r}, but probabilities are between 0 and 1: choose one of them.")

    def label_index(self, labels: Sequence[str]) -> int:
        """Return the number of the label that counts. Raises ConfigError when the model's labels do not have it."""
        listed = ", ".join(map(repr, labels))
        if len(labels) == 1 and self.output == "probability":
            raise ConfigError(
                f"{self.model!r} has one output, whose softmax is always 1: set task.classifier_output to 'logit'."
            )
        if self.label is None:
            found = [number for number, label in enumerate(labels) if label.lower() in _POSITIVE]
            if len(found) == 1 or len(labels) <= 2:
                return found[0] if len(found) == 1 else len(labels) - 1
            raise ConfigError(
                f"{self.model!r} has several labels ({listed}) and none is called positive: choose one with"
                " task.classifier_label."
            )
        named = [number for number, label in enumerate(labels) if label.lower() == self.label.lower()]
        if named:
            return named[0]
        if self.label.isdecimal() and int(self.label) < len(labels):
            return int(self.label)
        raise ConfigError(
            f"{self.model!r} has no label {self.label!r} (its labels: {listed}): set task.classifier_label to one of"
            f" them, or to its number.{nearest(self.label, labels)}"
        )

    def aligned(self, value: float) -> float:
        """Return the reward of the chosen label's output."""
        if self.alignment == "target":
            return 1.0 - abs(value - self.target)
        return value if self.alignment == "positive" else -value


def classifier_of(task: Any) -> ClassifierReward | None:
    """Return the classifier that scores the task's completions; None where `task.reward` does."""
    chosen = getattr(task, "reward_classifier", None)
    return None if chosen is None else chosen()


def label_names(id2label: Mapping[int, str]) -> tuple[str, ...]:
    """Return the labels of a model's configuration in the order of its outputs."""
    return tuple(str(id2label[number]) for number in sorted(id2label))
