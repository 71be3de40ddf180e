"""A user's own task: the task protocol around rows and a reward function that somebody wrote."""

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from formalrl.errors import ConfigError, nearest
from formalrl.rewards.call import seeded
from formalrl.rewards.signature import Columns, RewardRow, Signature
from formalrl.tasks.rows import MAX_ROWS, divide, is_held_out, prompts_of
from formalrl.types import Prompt

OPTIONAL = ("is_correct", "examples", "answer_of", "answers", "tokenizer", "grammar", "defaults", "fresh_defaults")
"""Functions (or, where they take no argument, values) that a task file may define besides prompts and reward."""


@dataclass(frozen=True)
class UserTask:
    """Prompts and a reward that somebody wrote. Optional methods of the task protocol are None when absent."""

    name: str
    reward_function: Callable[..., Any]
    """As written: for one completion or a batch, sync or async."""
    training: Sequence[Prompt]
    held_out: Sequence[Prompt]
    is_correct: Callable[..., bool] | None = None
    examples: Callable[[int, int], Sequence[tuple[str, str]]] | None = None
    answer_of: Callable[[str], str] | None = None
    answers: Callable[[], Sequence[str]] | None = None
    tokenizer: Callable[[], Any] | None = None
    grammar: Callable[[Callable[[str], int]], Any] | None = None
    defaults: Callable[[], Mapping[str, Any]] | None = None
    fresh_defaults: Callable[[], Mapping[str, Any]] | None = None
    source: str = ""
    """What loads the reward in another process (`file.py:name`); empty for functions of a notebook."""

    @classmethod
    def from_functions(
        cls,
        prompts: Callable[[], Iterable[Any]] | Iterable[Any],
        reward: Callable[..., Any],
        *,
        eval_prompts: Callable[[], Iterable[Any]] | Iterable[Any] | None = None,
        name: str = "user",
        max_rows: int = MAX_ROWS,
        source: str = "",
        **optional: Any,
    ) -> "UserTask":
        """Return the task of a function (or a list, a generator, a data set) of rows and a reward function.

        Args:
            prompts: rows, or a function that gives them; called once, with `random` seeded.
            reward: `reward(prompt, completion, **columns)` or `reward(prompts, completions, **columns)`.
            eval_prompts: the held-out rows; without it about one row in ten, by the hash of its prompt.
            max_rows: how many rows are taken, for generators without an end.
            optional: `is_correct`, `examples`, `answer_of`, `answers`, `tokenizer`, `grammar`, `defaults`,
                `fresh_defaults`.

        Raises ConfigError when a row or a function cannot be used.
        """
        if unknown := set(optional) - set(OPTIONAL):
            word = min(unknown)
            raise ConfigError(f"a task has no {word!r}: known are {', '.join(OPTIONAL)}.{nearest(word, OPTIONAL)}")
        if not callable(reward):
            raise ConfigError(f"the reward of {name} is {reward!r}: it must be a function of prompt and completion.")
        training, held_out = _split(prompts, eval_prompts, name, max_rows)
        return cls(
            name=name,
            reward_function=reward,
            training=training,
            held_out=held_out,
            source=source,
            **_optional_methods(optional, held_out, explicit=eval_prompts is not None),
        )

    def train_prompts(self) -> Sequence[Prompt]:
        """Prompts that training may use."""
        return self.training

    def eval_prompts(self) -> Sequence[Prompt]:
        """Held-out prompts."""
        return self.held_out

    def reward(self, prompt: str, completion: str, **columns: Any) -> Any:
        """Score one completion; a batch reward is called with lists of one. Raises what the function raises."""
        signature = Signature.of(self.reward_function)
        value = signature.call_one(self.reward_function, RewardRow(prompt, completion, columns))
        return value[0] if signature.batch else value


def _split(prompts: Any, eval_prompts: Any, name: str, max_rows: int) -> tuple[tuple[Prompt, ...], tuple[Prompt, ...]]:
    """(training, held-out) prompts; a row of `eval_prompts` never trains."""
    rows = _rows(prompts, f"prompts() of {name}", max_rows)
    if eval_prompts is None:
        return divide(rows, source=f"prompts() of {name}")
    held_out = _rows(eval_prompts, f"eval_prompts() of {name}", max_rows)
    texts = {repr(prompt.text) for prompt in held_out}
    training = tuple(prompt for prompt in rows if repr(prompt.text) not in texts)
    if not training:
        raise ConfigError(f"every row of prompts() of {name} is in eval_prompts() too: nothing is left to train on.")
    return training, held_out


def _rows(rows: Any, source: str, max_rows: int) -> tuple[Prompt, ...]:
    with seeded(0):
        if callable(rows):
            rows = rows()
        if isinstance(rows, str | Mapping) or not isinstance(rows, Iterable):
            raise ConfigError(f"{source} gave a {type(rows).__name__}: it must give rows, in a list or one by one.")
        return prompts_of(rows, source=source, max_rows=max_rows)


def _optional_methods(optional: Mapping[str, Any], held_out: Sequence[Prompt], *, explicit: bool) -> dict[str, Any]:
    """The optional methods with the parameters of the task protocol, whichever the user wrote."""
    methods: dict[str, Any] = {name: value for name, value in optional.items() if value is not None}
    for name in ("answers", "tokenizer", "grammar", "defaults", "fresh_defaults"):
        if name in methods and not callable(methods[name]):
            methods[name] = _Constant(methods[name])
    if "is_correct" in methods:
        methods["is_correct"] = Columns(methods["is_correct"])
    if "examples" in methods:
        texts = frozenset(repr(prompt.text) for prompt in held_out) if explicit else None
        methods["examples"] = _Examples(methods["examples"], texts)
    return methods


@dataclass(frozen=True)
class _Constant:
    """A value where the protocol has a function without arguments."""

    value: Any

    def __call__(self) -> Any:
        return self.value


@dataclass(frozen=True)
class _Examples:
    """Solved examples of the user, those of held-out prompts left out."""

    given: Any
    """Pairs, or a function of (n, seed) or of nothing that gives them."""
    held_out: frozenset[str] | None
    """`repr` of the held-out prompts; None: the hash rule."""

    def __call__(self, n: int, seed: int) -> list[tuple[str, str]]:
        with seeded(seed):
            accepted = inspect.signature(self.given).parameters if callable(self.given) else {}
            arguments = {name: value for name, value in (("n", n + n // 4 + 8), ("seed", seed)) if name in accepted}
            pairs: Any = self.given(**arguments) if callable(self.given) else self.given
            chosen: list[tuple[str, str]] = []
            for pair in pairs:
                if len(chosen) == n:
                    break
                prompt, completion = (pair["prompt"], pair["completion"]) if isinstance(pair, Mapping) else pair
                if not self._excluded(prompt):
                    chosen.append((prompt, completion))
        return chosen

    def _excluded(self, prompt: Any) -> bool:
        return is_held_out(prompt) if self.held_out is None else repr(prompt) in self.held_out
