"""Shuffled reward: what the completions earn when each is scored against another prompt's reference.

A policy that reads its prompts loses reward when they are exchanged; one that ignores them does not.
"""

import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from formalrl.diagnostics.baselines import Row, ScoreRows

REFERENCE_COLUMNS = ("answer", "ground_truth", "solution", "label", "target")
"""Columns that name a prompt's right answer; without one of them, all columns and the prompt tell prompts apart."""


@dataclass(frozen=True)
class ShuffledReward:
    """Mean rewards over the rows that have a partner with another reference."""

    shuffled: float | None
    """Mean reward against the other prompt's reference; None when no row has a partner or every score failed."""
    own: float | None
    """Mean reward of the same rows against their own references, where the caller gave it."""
    num_rows: int
    """How many rows were scored with a partner's reference."""


def partner_rows(keys: Sequence[str]) -> list[int | None]:
    """Return for every row the row whose reference it gets, None where only its own kind is left.

    The rows are sorted by key and rotated by the size of the largest class, which gives every row a partner with
    another key when no class holds more than half of the rows, and as many as possible otherwise. Every partner is
    used once.
    """
    order = sorted(range(len(keys)), key=lambda row: (keys[row], row))
    shift = max(Counter(keys).values(), default=0)
    partners: list[int | None] = [None] * len(keys)
    for position, row in enumerate(order):
        other = order[(position + shift) % len(order)]
        partners[row] = other if keys[other] != keys[row] else None
    return partners


def reference_key(row: Row) -> str:
    """Return what two rows share when the same completion is right for both, as far as the columns tell."""
    prompt, _, columns = row
    named = {name: columns[name] for name in REFERENCE_COLUMNS if name in columns}
    return json.dumps(named or [columns, prompt], sort_keys=True, default=repr)


def shuffled_reward(rows: Sequence[Row], score: ScoreRows, own: Sequence[float | None] | None = None) -> ShuffledReward:
    """Score every completion against the prompt and columns of a row with another reference.

    Args:
        rows: the evaluated (prompt, completion, columns); several completions of a prompt are fine.
        score: calls the reward.
        own: the rewards the rows got themselves, for a comparison over exactly the same rows.
    """
    partners = partner_rows([reference_key(row) for row in rows])
    pairs = [(row, partner) for row, partner in enumerate(partners) if partner is not None]
    mixed: list[Row] = [(rows[partner][0], rows[row][1], rows[partner][2]) for row, partner in pairs]
    scores = [s.reward for s in score(mixed)] if mixed else []
    return ShuffledReward(
        shuffled=_mean(scores),
        own=_mean([own[row] for row, _ in pairs]) if own is not None else None,
        num_rows=len(pairs),
    )


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return math.fsum(known) / len(known) if known else None
