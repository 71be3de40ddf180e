"""Sentiment, the paper's validation of the set-up (arXiv 2410.17126): continue a review so that it sounds positive.

A prompt is the first 2 to 8 tokens of a review of more than 200 characters, the completion 4 to 16 tokens more; both
lengths are drawn for each review. The reward is VADER's compound score of prompt + completion, or what a classifier
says of it. Without data, reviews
are the project's own (`tasks.film_reviews`), so that the task needs no network; with a pretrained model they are the
IMDB data set, unless `data` says otherwise.

A review is held out when the SHA-1 of its prompt is divisible by 10. Different reviews may begin alike: then they are
the same prompt, on the same side.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from formalrl.errors import ConfigError, nearest
from formalrl.rewards.call import deterministic, in_trainer
from formalrl.rewards.classifier import DISTILBERT_IMDB, ClassifierReward, Output
from formalrl.rewards.sentiment import Alignment, SentimentReward
from formalrl.tasks.film_reviews import NUM_REVIEWS
from formalrl.tasks.review_texts import Cut, first_tokens, first_words, load_tokenizer_file, review_texts
from formalrl.tasks.review_tokenizer import review_tokenizer
from formalrl.tasks.rows import MAX_ROWS, is_held_out
from formalrl.types import Prompt

if TYPE_CHECKING:
    from tokenizers import Tokenizer

IMDB = "stanfordnlp/imdb"
"""The data set of a pretrained model, on the Hugging Face hub."""
WORDS = "words"
SCORERS = ("vader", "classifier")
CONTEXT = 128
"""Positions of a fresh model, and one more than the tokens of a review that its warm start reads."""


@dataclass(frozen=True)
class Sentiment:
    """Reviews to be continued in a given mood. Example: `Sentiment(alignment="negative")`."""

    alignment: Alignment = "positive"
    """`positive`: the score is the reward. `negative`: its negative. `target`: 1 - |score - target|."""
    target: float = 0.0
    """The score that `target` asks for; VADER's are in [-1, 1], and 0 is neutral."""
    scorer: Literal["vader", "classifier"] = "vader"
    """`vader`: the compound score. `classifier`: the output of a model, computed on the policy's device."""
    classifier: str = DISTILBERT_IMDB
    """The sequence-classification model of the scorer `classifier`: a folder, or a name on the Hugging Face hub."""
    classifier_label: str | None = None
    """The label whose output counts, or its number; None: the positive one."""
    classifier_output: Output = "logit"
    """`logit` of the label, unbounded, or its `probability`, in [0, 1]; alignment and target then mean this output."""
    classifier_batch_size: int = 64
    """Texts a forward pass of the classifier, 1 or more."""
    data: str | None = None
    """Reviews: a .txt file (one a line), a JSONL, JSON, CSV or parquet file, or a Hugging Face data set
    `name[:config[:split]]`. None: the project's own; with a pretrained model, `stanfordnlp/imdb`."""
    text_column: str | None = None
    """Column of the data that holds the reviews; None: `text`, `review`, `sentence`, `content` or `prompt`."""
    max_reviews: int | None = None
    """How many reviews are taken of the data, from its start, 20 or more. None: 12,000 of the project's own, 100,000 of
    other data, which may hold all negative reviews before the positive ones, as IMDB does."""
    prompt_tokens: str | None = None
    """Whose tokens prompts are counted in: `words` (and punctuation marks), or the folder or name of a model.
    None: those of the pretrained model; without one, words."""
    min_prompt_tokens: int = 2
    """Tokens of the shortest prompt, 1 or more."""
    max_prompt_tokens: int = 8
    """Tokens of the longest prompt."""
    min_completion_tokens: int = 4
    """Tokens that a completion may have, at least; the limit is drawn for each review. 1 or more."""
    max_completion_tokens: int = 16
    """The same, at most; equal to the minimum: a fixed length."""
    vocab_size: int = 2048
    """Tokens of a fresh model's tokenizer, 300 or more."""
    seed: int = 0
    """Fixes the lengths of prompts and completions."""
    open_ended: ClassVar[bool] = True
    """No completion is the right one: the examples show how to write."""

    def __post_init__(self) -> None:
        """Check the configuration. Raises ConfigError."""
        if self.scorer not in SCORERS:
            known = ", ".join(map(repr, SCORERS))
            raise ConfigError(f"scorer is {self.scorer!r}, but sentiment knows {known}.{nearest(self.scorer, SCORERS)}")
        if self.reward_classifier() is None:
            SentimentReward(self.alignment, self.target)
        for name, least in (("max_reviews", 20), ("vocab_size", 300)):
            value = getattr(self, name)
            if value is not None and value < least:
                raise ConfigError(f"{name} is {value!r}, but must be {least} or more: raise it.")
        for kind in ("prompt", "completion"):
            low, high = getattr(self, f"min_{kind}_tokens"), getattr(self, f"max_{kind}_tokens")
            if not 1 <= low <= high:
                raise ConfigError(
                    f"min_{kind}_tokens is {low} and max_{kind}_tokens {high}, but the first must be 1 or more and the"
                    " second no less: correct them."
                )

    def train_prompts(self) -> Sequence[Prompt]:
        """Return the prompts that training may use, one a review."""
        return _divided(self)[0]

    def eval_prompts(self) -> Sequence[Prompt]:
        """Return the held-out prompts."""
        return _divided(self)[1]

    @in_trainer
    @deterministic
    def reward(self, prompt: Any, completion: str, **columns: Any) -> Mapping[str, float]:
        """Return the reward in [-1, 1] of prompt + completion, with `compound` as its part.

        Raises ConfigError under the scorer `classifier`, which the trainer calls instead.
        """
        if self.scorer == "classifier":
            raise ConfigError("a classifier scores whole batches on the policy's device: call it with formalrl train.")
        return SentimentReward(self.alignment, self.target)(prompt, completion)

    def reward_classifier(self) -> ClassifierReward | None:
        """Return the classifier that scores completions in place of `reward`; None under `vader`."""
        if self.scorer == "vader":
            return None
        chosen = self.classifier_label, self.classifier_output, self.classifier_batch_size
        return ClassifierReward(self.classifier, *chosen, self.alignment, self.target)

    def examples(self, n: int, seed: int = 0) -> list[tuple[str, str]]:
        """Return at most `n` reviews, each as its prompt and what follows; none is held out.

        Reviews end after CONTEXT - 1 tokens. Where `n` is larger than the number of reviews, all are returned.
        """
        cut = self._cut_tokens()
        prompts, texts = _divided(self)[0], _divided(self)[2]
        chosen = random.Random(f"examples:{seed}").sample(range(len(prompts)), min(n, len(prompts)))
        pairs = [(str(prompts[i].text), cut(texts[i], CONTEXT - 2)) for i in chosen]
        return [(prompt, text[len(prompt) :]) for prompt, text in pairs]

    def reviews(self) -> tuple[str, ...]:
        """Return the texts that prompts and examples are taken from."""
        most = self.max_reviews or (NUM_REVIEWS if self.data is None else MAX_ROWS)
        return review_texts(self.data, self.text_column, most)

    def tokenizer(self) -> "Tokenizer":
        """Return the tokenizer of a fresh model: byte-level pairs, learned from the reviews."""
        return review_tokenizer(self.reviews(), self.vocab_size)

    def for_pretrained(self, name: str) -> "Sentiment":
        """Return the task as a pretrained model is asked it: on IMDB, in its own tokens, unless other ones are set."""
        return replace(self, data=self.data or IMDB, prompt_tokens=self.prompt_tokens or name)

    def defaults(self) -> Mapping[str, Any]:
        """Return the settings that suit the task: sampled evaluations, as the reward is of a whole distribution."""
        return {
            "max_completion_length": self.max_completion_tokens,
            "eval_temperature": 1.0,
            "num_eval_prompts": 256,
            "track_reference": True,
        }

    def fresh_defaults(self) -> Mapping[str, Any]:
        """Return the settings under which a fresh model first learns to write reviews and then to please."""
        return LEARNING

    def _cut_tokens(self) -> Cut:
        """What cuts after so many tokens of the model."""
        named = self.prompt_tokens not in (None, WORDS)
        return first_tokens(load_tokenizer_file(str(self.prompt_tokens)) if named else self.tokenizer())


LEARNING: Mapping[str, Any] = {
    "model": {"preset": "small", "context_length": CONTEXT, "initializer_range": 0.05},
    "warm_start": {"num_examples": 5_000, "batch_size": 16, "learning_rate": 2e-3, "loss_on": "text"},
    "algorithm": "grpo",
    "regularizers": {"kl": {"coef": 0.1, "placement": "reward"}},
    "prompts_per_step": 32,
    "num_generations": 8,
    "learning_rate": 2e-4,
    "max_steps": 100,
}
"""Settings for a fresh model: a warm start that ends in readable reviews, and steps that raise their score."""


@lru_cache(maxsize=4)
def _divided(task: Sentiment) -> tuple[tuple[Prompt, ...], tuple[Prompt, ...], tuple[str, ...]]:
    """(training prompts, held-out prompts, the reviews of the training prompts); see `Sentiment`."""
    counted = task.prompt_tokens
    cut = first_words if counted in (None, WORDS) else first_tokens(load_tokenizer_file(counted))
    training: list[Prompt] = []
    held_out: dict[str, Prompt] = {}
    texts: list[str] = []
    for text in task.reviews():
        chance = random.Random(f"{task.seed}:{text}")
        prompt = cut(text, chance.randint(task.min_prompt_tokens, task.max_prompt_tokens))
        limit = chance.randint(task.min_completion_tokens, task.max_completion_tokens)
        row = Prompt(prompt, {"max_completion_length": limit})
        if is_held_out(prompt):
            held_out.setdefault(prompt, row)
        else:
            training.append(row)
            texts.append(text)
    if not training or not held_out:
        missing = "training" if held_out else "held-out"
        raise ConfigError(
            f"{task.data or 'the corpus'} leaves no {missing} prompts, since one prompt in ten is held out and there"
            " are too few: give more reviews, or raise max_reviews."
        )
    return tuple(training), tuple(held_out.values()), tuple(texts)
