"""A comparison in words: its question, what all runs share, numbers with their intervals."""

import math

from formalrl.experiments.comparison.grouping import Comparison
from formalrl.experiments.settings import model_in_words, part_in_words
from formalrl.experiments.showing import show_setting
from formalrl.experiments.statistics import Interval

MAX_VALUES = 6


def question(comparison: Comparison) -> str:
    """Return what the runs ask: which settings differ, over how many seeds."""
    settings, runs = len(comparison.settings), len(comparison.runs)
    seeds = sorted({len(setting.runs) for setting in comparison.settings})
    per = f"{seeds[0]}" if len(seeds) == 1 else f"{seeds[0]} to {seeds[-1]}"
    many = f"{per} seed{'s' * (seeds[-1] != 1)}"
    if settings == 1:
        return f"How far do {many} of one setting differ? ({runs} run{'s' * (runs != 1)})"
    asked = " and ".join(f"{key} ({_values(comparison, key)})" for key in comparison.keys)
    verb = "do" if len(comparison.keys) > 1 else "does"
    return f"What {verb} {asked} change? {settings} settings, {many} each, {runs} runs."


def _values(comparison: Comparison, key: str) -> str:
    values = list(dict.fromkeys(show_setting(setting.values[key]) for setting in comparison.settings))
    rest = f", ... {len(values) - MAX_VALUES} more" if len(values) > MAX_VALUES else ""
    return ", ".join(values[:MAX_VALUES]) + rest


def what_is_the_same(comparison: Comparison) -> list[tuple[str, str]]:
    """Return (name, value) of what all runs share, for people: task, model, algorithm, versions, device."""
    configs = [run.config for run in comparison.runs]
    told = [
        ("Task", [part_in_words(config.get("task")) for config in configs]),
        ("Model", [model_in_words(config) for config in configs]),
        ("Algorithm", [part_in_words(config.get("algorithm")) for config in configs]),
        ("Steps", [show_setting(config.get("max_steps", "?")) for config in configs]),
        ("Prompts a step", [show_setting(config.get("prompts_per_step", "?")) for config in configs]),
        ("Completions a prompt", [show_setting(config.get("num_generations", "?")) for config in configs]),
    ]
    for shown, fact in (("formalrl", "commit"), ("torch", "torch"), ("transformers", "transformers"),
                        ("Device", "device"), ("Machine", "platform"), ("Threads", "threads")):  # fmt: skip
        told.append((shown, [run.facts.get(fact, "") for run in comparison.runs]))
    return [(name, values[0]) for name, values in told if len(set(values)) == 1 and values[0]]


def show_score(value: float) -> str:
    """Return a score in three digits after the point, fewer where it is large: `0.873`, `12.3`, `1,234`."""
    return _fixed(value, _decimals(value))


def show_interval(interval: Interval) -> str:
    """Return `0.873 (0.861 to 0.885)`, all in the same digits, without bounds where one seed has none."""
    if math.isnan(interval.low):
        return show_score(interval.value)
    numbers = (interval.value, interval.low, interval.high)
    value, low, high = (_fixed(number, min(map(_decimals, numbers))) for number in numbers)
    return f"{value} ({low} to {high})"


def _decimals(value: float) -> int:
    return 3 if abs(value) < 10 else 1 if abs(value) < 1000 else 0


def _fixed(value: float, decimals: int) -> str:
    return f"{value:,.{decimals}f}" if math.isfinite(value) else "-"
