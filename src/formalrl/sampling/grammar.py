"""Which tokens a grammar permits: the grammar of a task goes by characters, the sampler by tokens of any tokenizer.

The set of a row goes where a filter's set goes: tokens outside it have probability 0, the others are renormalized, and
what was permitted is recorded with the samples, so that scoring sees the distribution that was sampled from.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Protocol, TypeVar

import numpy as np
import torch
from torch import Tensor

from formalrl.errors import ConfigError

S = TypeVar("S", bound=Hashable)

NEVER = np.iinfo(np.int16).max
"""Stands for a token that the grammar does not permit."""
MEMORY_BYTES = 2**28
"""What the sets of states may hold; the ones that were not used for longest are found anew."""


class Grammar(Protocol[S]):
    """What a completion may be, character by character. A state is what matters of the characters so far.

    Whenever `remaining(state)` is n > 0, there must be a text of n tokens or fewer that leads to a complete completion,
    and `remaining` must fall with every token of it.
    """

    def start(self, prompt: Any) -> S:
        """Return the state before the first character of a completion of `prompt` (a `Prompt.text`)."""
        ...

    def advance(self, state: S, character: str) -> S | None:
        """Return the state after one more character; None when no completion goes on with it."""
        ...

    def remaining(self, state: S) -> int:
        """Return a number of tokens that is enough to complete the completion; 0 when it may end here."""
        ...


@dataclass
class _Node:
    """A place in the tree of the tokens' texts."""

    children: "dict[str, _Node]" = field(default_factory=dict[str, "_Node"])
    tokens: list[int] = field(default_factory=list[int])
    """Tokens whose text ends here."""


class TokenGrammar:
    """The grammar of a task in the tokens of a model.

    Args:
        make: (text -> least number of tokens for it) -> grammar; a task's `grammar`.
        decode: token ids -> text.
        vocab_size: V.
        end_token_ids: what ends a completion; permitted where `remaining` is 0.
        forbidden_token_ids: never permitted.
    """

    def __init__(
        self,
        make: Callable[[Callable[[str], int]], Grammar[Any]],
        decode: Callable[[list[int]], str],
        vocab_size: int,
        end_token_ids: Sequence[int],
        forbidden_token_ids: Sequence[int] = (),
    ) -> None:
        left_out = {*end_token_ids, *forbidden_token_ids}
        self._texts = token_texts(decode, [token for token in range(vocab_size) if token not in left_out], vocab_size)
        self._tree = _Node()
        for token, text in enumerate(self._texts):
            if text:
                _place(self._tree, text).tokens.append(token)
        self._ends = [token for token in end_token_ids if token not in forbidden_token_ids]
        self._grammar = make(lru_cache(maxsize=None)(self.spell))
        self._known: OrderedDict[Hashable, np.ndarray] = OrderedDict()

    def spell(self, text: str) -> int:
        """Return the least number of tokens whose texts make up `text`; NEVER when none do."""
        least = [0, *[len(text) + 1] * len(text)]
        for start in range(len(text)):
            node, end = self._tree, start
            while end < len(text) and (node := node.children.get(text[end])) is not None:
                end += 1
                if node.tokens:
                    least[end] = min(least[end], least[start] + 1)
        return least[-1] if least[-1] <= len(text) else NEVER

    def start(self, prompt: Any) -> Hashable:
        """Return the state before the first token of a completion of `prompt`, a `Prompt.text`."""
        state = self._grammar.start(prompt)
        if self._grammar.remaining(state) >= NEVER:
            raise ConfigError(f"no tokens of the model make up a completion that the grammar permits after {prompt!r}.")
        return state

    def advance(self, state: Hashable, token: int) -> Hashable:
        """Return the state after a permitted token; that after an end token is of no matter."""
        for character in self._texts[token]:
            state = self._grammar.advance(state, character)
        return state

    def permitted(self, states: Sequence[Hashable], left: Sequence[int]) -> np.ndarray:
        """Return bool `[R, V]`: the next tokens after which a row can still be completed and ended.

        Args:
            states: R states.
            left: R numbers of tokens that the rows may still have, the next one and the end token included. Where that
                is too few for any completion, the tokens that come closest to one are permitted.
        """
        needs = np.stack([self._needs(state) for state in states])
        room = np.array(left).reshape(-1, 1)
        fitting = needs <= room - 2  # the token itself, what completes the row, and its end
        fitting[:, self._ends] = needs[:, self._ends] < NEVER
        closest = needs == needs.min(1, keepdims=True)
        return np.where(fitting.any(1, keepdims=True), fitting, closest)

    def _needs(self, state: Hashable) -> np.ndarray:
        """Return int16 `[V]`: how many tokens more complete the row after each next token, NEVER where none do."""
        if (known := self._known.get(state)) is not None:
            self._known.move_to_end(state)
            return known
        needs = np.full(len(self._texts), NEVER, dtype=np.int16)
        if self._grammar.remaining(state) == 0:
            needs[self._ends] = 0
        places = [(self._tree, state)]
        while places:
            node, here = places.pop()
            for character, child in node.children.items():
                after = self._grammar.advance(here, character)
                if after is None:
                    continue
                if child.tokens:
                    needs[child.tokens] = min(self._grammar.remaining(after), NEVER)
                if child.children:
                    places.append((child, after))
        if needs.min() == NEVER:
            raise ConfigError(f"the grammar of this task permits no token in the state {state!r}: mend its `advance`.")
        self._known[state] = needs
        while len(self._known) * needs.nbytes > MEMORY_BYTES:
            self._known.popitem(last=False)
        return needs


@dataclass(frozen=True)
class Constraint:
    """A grammar at the first token of the completions of P prompts."""

    grammar: TokenGrammar
    starts: Sequence[Hashable]
    """P states."""


class Rows:
    """The states of B rows as they are sampled."""

    def __init__(self, constraint: Constraint, prompt_index: Tensor, limits: Tensor) -> None:
        self._grammar = constraint.grammar
        self._states = [constraint.starts[prompt] for prompt in prompt_index.tolist()]
        self._limits: list[int] = limits.tolist()

    def permitted(self, rows: Tensor, position: int) -> Tensor:
        """Return bool `[R, V]` on the device of `rows`: what their token at `position` may be."""
        numbers: list[int] = rows.tolist()
        states, left = [self._states[row] for row in numbers], [self._limits[row] - position for row in numbers]
        return torch.from_numpy(self._grammar.permitted(states, left)).to(rows.device)

    def advance(self, rows: Tensor, tokens: Tensor) -> None:
        """Note the tokens `[R]` of `rows`."""
        for row, token in zip(rows.tolist(), tokens.tolist(), strict=True):
            self._states[row] = self._grammar.advance(self._states[row], token)


def token_texts(decode: Callable[[list[int]], str], tokens: Sequence[int], vocab_size: int) -> list[str]:
    """Return `[V]` what each token adds to a text; "" for those not among `tokens`, and for parts of a character.

    A decoder may put a blank between two tokens, so each is shown after another one.
    """
    before = next((token for token in tokens if decode([token]).strip()), None)
    texts = [""] * vocab_size
    if before is None:
        return texts
    for token in tokens:
        text = decode([before, token]).removeprefix(decode([before]))
        texts[token] = "" if "\ufffd" in text else text
    return texts


def _place(tree: _Node, text: str) -> _Node:
    for character in text:
        tree = tree.children.setdefault(character, _Node())
    return tree
