"""How a user's reward function wants to be called: one completion or many, by keyword or by position, which columns."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Text = str | Sequence[Mapping[str, str]]
"""A prompt: plain text or chat messages."""


@dataclass(frozen=True)
class RewardRow:
    """One completion to be scored."""

    prompt: Text
    """Plain text or chat messages, as the task gave it."""
    completion: str
    columns: Mapping[str, Any] = field(default_factory=dict)
    """The other columns of the prompt's row."""


@dataclass(frozen=True)
class Signature:
    """How to call a reward function. Two forms exist and are told apart by the parameters' names:

    `reward(prompt, completion, **columns)` scores one completion and `reward(prompts, completions, **columns)`
    scores many, with every column as a list. Columns that the function does not declare are left out,
    unless it takes `**columns`.
    """

    batch: bool
    """True for the form with `completions`."""
    positional: bool
    """True when prompt and completion go by position: the function calls them something else."""
    accepted: frozenset[str] | None
    """Names that may be passed by keyword; None when all may."""
    is_async: bool
    """True when calling it gives a coroutine."""

    @classmethod
    def of(cls, function: Callable[..., Any]) -> "Signature":
        """Read the signature of a function, a method or an object that can be called."""
        is_async = inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(
            getattr(function, "__call__", None)  # noqa: B004
        )
        try:
            parameters = list(inspect.signature(function).parameters.values())
        except (TypeError, ValueError):  # a builtin without a signature
            return cls(batch=False, positional=True, accepted=frozenset(), is_async=is_async)
        names = {p.name for p in parameters}
        batch = "completions" in names or ("prompts" in names and "completion" not in names)
        positional = not batch and "completion" not in names
        by_position = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
        taken = {p.name for p in by_position[:2]} if positional else set()
        accepted = frozenset(p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)) - taken
        takes_all = any(p.kind == p.VAR_KEYWORD for p in parameters)
        return cls(batch=batch, positional=positional, accepted=None if takes_all else accepted, is_async=is_async)

    def call_one(self, function: Callable[..., Any], row: RewardRow) -> Any:
        """Return what the function gives for one row; the batch form is called with lists of one."""
        if self.batch:
            return self.call_many(function, [row])
        if self.positional:
            return function(row.prompt, row.completion, **self._pick(row.columns))
        return function(**self._pick({**row.columns, "prompt": row.prompt, "completion": row.completion}))

    def call_many(self, function: Callable[..., Any], rows: Sequence[RewardRow]) -> Any:
        """Return what the batch form gives for many rows.

        A completion of chat messages is one assistant message in a list, as such functions expect. A column that
        some rows lack is None there.
        """
        names = dict.fromkeys(name for row in rows for name in row.columns)
        columns: dict[str, Any] = {name: [row.columns.get(name) for row in rows] for name in names}
        columns["prompts"] = [row.prompt for row in rows]
        columns["completions"] = [as_message(row) for row in rows]
        return function(**self._pick(columns))

    def _pick(self, columns: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in columns.items() if self.accepted is None or name in self.accepted}


def declares(function: Any, name: str) -> bool:
    """Return whether a reward says `name = True` of itself: on the function, on its `__call__`, on its object or on the
    function that a partial wraps. The nearest declaration counts."""
    holders = (function, getattr(function, "__call__", None), getattr(function, "__self__", None))  # noqa: B004
    for holder in (*holders, getattr(function, "func", None)):
        declared = getattr(holder, name, None)
        if isinstance(declared, bool):
            return declared
    return False


def scores_repeat(function: Any) -> bool:
    """Return whether equal rows of a reward have equal scores, so that one call does for all: it declares
    `deterministic`, and does not compare its rows (`batch_dependent`)."""
    return declares(function, "deterministic") and not declares(function, "batch_dependent")


@dataclass(frozen=True)
class Columns:
    """A function `f(prompt, completion, **columns)` of the user that is given only the columns it declares."""

    function: Callable[..., Any]

    def __call__(self, prompt: Text, completion: str, **columns: Any) -> Any:
        """Call the function for one completion."""
        return Signature.of(self.function).call_one(self.function, RewardRow(prompt, completion, columns))


def as_message(row: RewardRow) -> str | list[dict[str, str]]:
    """Return the completion as text, or as one assistant message in a list when the prompt is a chat."""
    return row.completion if isinstance(row.prompt, str) else [{"role": "assistant", "content": row.completion}]
