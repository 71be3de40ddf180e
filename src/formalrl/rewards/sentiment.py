"""How positive a text is by VADER, a lexicon with rules for negation, emphasis, capitals and emoji (Hutto and Gilbert
2014): the `compound` score of prompt + completion, in [-1, 1], as arXiv 2410.17126 uses it.

    positive:  compound        negative:  -compound        target:  1 - |compound - target|
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from formalrl.errors import ConfigError, nearest
from formalrl.rewards.call import deterministic, in_trainer

if TYPE_CHECKING:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

Alignment = Literal["positive", "negative", "target"]
ALIGNMENTS = ("positive", "negative", "target")


@dataclass(frozen=True)
class SentimentReward:
    """The reward of prompt + completion. Example: `SentimentReward()("The film was", " great!")["reward"]` is 0.66."""

    alignment: Alignment = "positive"
    """`positive`: compound. `negative`: -compound. `target`: 1 - |compound - target|."""
    target: float = 0.0
    """The compound score that `target` asks for, in [-1, 1]; 0 is neutral."""

    def __post_init__(self) -> None:
        """Check the settings. Raises ConfigError."""
        if self.alignment not in ALIGNMENTS:
            known = ", ".join(map(repr, ALIGNMENTS))
            raise ConfigError(
                f"alignment is {self.alignment!r}, but sentiment knows {known}."
                f"{nearest(str(self.alignment), ALIGNMENTS)}"
            )
        if not -1 <= self.target <= 1:
            raise ConfigError(
                f"target is {self.target!r}, but compound scores are between -1 and 1: choose one of them."
            )

    @in_trainer
    @deterministic
    def __call__(self, prompt: Any, completion: str, **columns: Any) -> Mapping[str, float]:
        """Return the reward in [-1, 1] with `compound` as its part; columns are ignored."""
        score = compound(f"{prompt if isinstance(prompt, str) else ''}{completion}")
        if self.alignment == "target":
            return {"reward": 1.0 - abs(score - self.target), "compound": score}
        return {"reward": score if self.alignment == "positive" else -score, "compound": score}


def compound(text: str) -> float:
    """Return VADER's compound score of a text, in [-1, 1]; 0 for a text without words of its lexicon."""
    return float(_analyzer().polarity_scores(text)["compound"])


@lru_cache(maxsize=1)
def _analyzer() -> "SentimentIntensityAnalyzer":
    """The analyzer with its lexicon, read once a process."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    return SentimentIntensityAnalyzer()
