"""Scores of rows that were scored before, for rewards that declare themselves deterministic."""

import hashlib
import json
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

from formalrl.rewards.signature import RewardRow
from formalrl.types import Score

MAX_ENTRIES = 200_000
"""Scores that are kept; the one used longest ago goes first."""


class ScoreCache:
    """Scores by reward function, prompt, completion and columns. Failures are not kept."""

    def __init__(self, max_entries: int = MAX_ENTRIES) -> None:
        self.max_entries = max_entries
        self.num_hits = 0
        self._scores: OrderedDict[bytes, Score] = OrderedDict()

    def get(self, key: bytes) -> Score | None:
        """Return the score kept under a key, or None."""
        score = self._scores.get(key)
        if score is not None:
            self._scores.move_to_end(key)
            self.num_hits += 1
        return score

    def put(self, key: bytes, score: Score) -> None:
        """Keep a score, unless the scorer failed."""
        if score.reward is None:
            return
        self._scores[key] = score
        if len(self._scores) > self.max_entries:
            self._scores.popitem(last=False)


class Lookup:
    """The rows of one call that must be scored, and where the scores of the others come from."""

    def __init__(self, cache: ScoreCache, function: bytes | None, rows: Sequence[RewardRow]) -> None:
        """Look every row up. `function` is the digest of a deterministic reward; None: every row must be scored."""
        self._cache = cache
        self._keys = [None if function is None else row_key(function, row) for row in rows]
        self._kept: dict[int, Score] = {}
        self._first: dict[bytes, int] = {}
        self.wanted: list[int] = []
        """Numbers of the rows to score; of equal rows the first."""
        for number, key in enumerate(self._keys):
            score = None if key is None else cache.get(key)
            if score is not None:
                self._kept[number] = score
            elif key is None or self._first.setdefault(key, number) == number:
                self.wanted.append(number)

    def fill(self, scores: Mapping[int, Score]) -> list[Score]:
        """Return the scores of all rows, given those of the wanted ones; they are kept for the next time."""
        filled: list[Score] = []
        for number, key in enumerate(self._keys):
            if number in self._kept:
                filled.append(self._kept[number])
                continue
            score = scores[number if key is None else self._first[key]]
            if key is not None:
                self._cache.put(key, score)
            filled.append(score)
        return filled


def row_key(function: bytes, row: RewardRow) -> bytes | None:
    """Return the key of a row, given the function's digest; None when its columns are not JSON."""
    try:
        columns = json.dumps([_plain(row.prompt), row.completion, dict(row.columns)], sort_keys=True)
    except (TypeError, ValueError):
        return None
    return hashlib.blake2b(function + columns.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _plain(prompt: Any) -> Any:
    """The prompt as JSON can hold it: chat messages may be mappings of any kind."""
    return prompt if isinstance(prompt, str) else [dict(m) if isinstance(m, Mapping) else m for m in prompt]
