"""The nouns of text: Prompt, Completion, Score, Rollout, and what a task must offer. Standard library only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

Message = Mapping[str, str]
"""One chat message: `{"role": "user", "content": "2 + 2 ="}`."""

ERROR_KINDS = ("timeout", "crash", "exception", "memory", "bad_type", "not_finite", "wrong_length")
"""Why a scorer can fail. A failed scorer is not a score: the reward is None and the kind is counted."""


@dataclass(frozen=True)
class Prompt:
    """What the policy is asked, with the columns that only the reward sees.

    Example: `Prompt("5 + 3 =", {"answer": "8"})`.
    """

    text: str | Sequence[Message]
    """Plain text, or chat messages for a model that has a chat template."""
    columns: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Every other column of the row (`answer`, ...), passed to the reward by keyword. JSON-able."""


@dataclass(frozen=True)
class Completion:
    """What the policy wrote after a prompt."""

    text: str
    """Decoded without special tokens; a stop string, where one ended it, is kept."""
    token_ids: tuple[int, ...]
    """The sampled tokens, the end token included where there is one."""
    finished: bool
    """True when an end token or a stop string closed it; False when the length limit cut it."""


@dataclass(frozen=True)
class Score:
    """The outcome of one reward call. Example: `Score(0.75, parts={"parses": 1.0, "correct": 0.5})`."""

    reward: float | None
    """None when the scorer failed; a bad completion is an honest low score instead."""
    error: str | None = None
    """One of ERROR_KINDS when reward is None."""
    parts: Mapping[str, float] = field(default_factory=dict[str, float])
    """Named components of the reward, logged one by one."""
    detail: str = ""
    """What happened, for people: a traceback or a message."""
    steps: tuple[tuple[int, float], ...] = ()
    """Where the reward judges parts of the completion: (end of the part in characters of its text, its reward)."""


@dataclass(frozen=True)
class Rollout:
    """A prompt, one completion of it, and its score."""

    prompt: Prompt
    completion: Completion
    score: Score


@runtime_checkable
class Task(Protocol):
    """A source of prompts and the reward of their completions: one frozen dataclass in one file of `tasks/`.

    Optional methods, used where a task has them:
    `is_correct(prompt, completion, **columns) -> bool` (defines accuracy),
    `answer_of(completion) -> str` (what counts as one distinct answer; default: the stripped text),
    `answers() -> Sequence[str]` (every possible answer, for exact k-answer baselines),
    `examples(n, seed) -> Sequence[tuple[str, str]]` (solved prompt-completion pairs, never held-out: the warm start),
    `tokenizer() -> tokenizers.Tokenizer` (for fresh models; special tokens `<bos>`, `<eos>`, `<pad>`),
    `grammar(spell) -> Grammar` (what a completion may be; see `sampling.grammar`; used under `--grammar`),
    `defaults() -> Mapping[str, Any]` (TrainConfig keys that suit the task, below the user's own),
    `levels() -> Sequence` with `at_level(level) -> Task` (easiest first; a curriculum asks the prompts of these tasks),
    `for_pretrained(name) -> Task` (the task as the pretrained model of that name or folder is asked it),
    `reward_classifier() -> ClassifierReward | None` (a model on the policy's device that scores in place of `reward`),
    `fresh_defaults() -> Mapping[str, Any]` (the same where no pretrained model is named, above `defaults()`).
    """

    def train_prompts(self) -> Sequence[Prompt]:
        """Prompts that training may use; may be lazy, must be deterministic."""
        ...

    def eval_prompts(self) -> Sequence[Prompt]:
        """Held-out prompts: none of them occurs in `train_prompts` or `examples`."""
        ...

    def reward(self, prompt: str, completion: str, **columns: Any) -> float | Mapping[str, Any]:
        """Score one completion: a float, or a dict with `reward` (or `score`) and named parts.

        The dict may hold `steps`, (position, reward) pairs: what each stretch of the completion's text earns.
        """
        ...
