"""Completions of the same prompts under every setting, side by side."""

import json
from typing import Any

from formalrl.experiments.comparison.grouping import Comparison, Setting
from formalrl.experiments.report import sample_cell
from formalrl.experiments.runs import Row

MAX_PROMPTS = 6


def sample_blocks(comparison: Comparison) -> list[dict[str, Any]]:
    """Return prompts, those that most settings have first, with the last completion of each setting's first seed."""
    found = {setting.name: _last_rows(setting) for setting in comparison.settings}
    counts: dict[str, int] = {}
    for rows in found.values():
        for prompt in rows:
            counts[prompt] = counts.get(prompt, 0) + 1
    chosen = sorted(counts, key=lambda prompt: -counts[prompt])[:MAX_PROMPTS]
    shown = [row for rows in found.values() for prompt, row in rows.items() if prompt in chosen]
    rewards = [row["reward"] for row in shown if isinstance(row.get("reward"), int | float)]
    low, high = (min(rewards), max(rewards)) if rewards else (0.0, 0.0)
    return [
        {
            "prompt": next(rows[prompt] for rows in found.values() if prompt in rows).get("prompt"),
            "cells": [
                {"setting": name, **(sample_cell(rows[prompt], low, high) or {})}
                for name, rows in found.items()
                if prompt in rows
            ],
        }
        for prompt in chosen
    ]


def _last_rows(setting: Setting) -> dict[str, Row]:
    """Prompt, as text that can be compared -> the row of the last sampled step of the first seed."""
    samples = setting.runs[0].samples
    return {json.dumps(row.get("prompt"), default=repr): row for row in reversed(samples.after or samples.before)}
