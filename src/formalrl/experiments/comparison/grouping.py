"""Which settings differ between runs, and which runs are seeds of one setting."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from formalrl.experiments.runs import RunFolder
from formalrl.experiments.settings import flattened
from formalrl.experiments.showing import show_setting

SEED = "seed"
NO_MATTER = ("output_dir", SEED, "save_steps", "save_total_limit", "report_to", "push_to_hub", "hub_model_id")
NO_MATTER += ("micro_batch_size", "num_logged_samples", "max_reward_error_rate", "reward_workers")
"""Settings that do not change what a run learns."""
ABSENT = "(absent)"
"""The value of a setting that a run does not have, such as `epsilon` of an algorithm without clipping."""


@dataclass(frozen=True)
class Setting:
    """One way of training, with its seeds."""

    name: str
    """For tables: `entropy.coef 0.3, batch_entropy.coef 0`, or what the caller calls it."""
    short: str
    """For ends of curves: `0.3, 0`."""
    values: Mapping[str, Any]
    """Value of every key of `Comparison.keys`."""
    runs: tuple[RunFolder, ...]
    """A run a seed, in order of the seeds."""


@dataclass(frozen=True)
class Comparison:
    """Runs, grouped by what differs between them."""

    keys: tuple[str, ...]
    """Dotted settings that tell the groups apart, as few as that takes."""
    along: tuple[str, ...]
    """Settings that differ as well, always together with those."""
    settings: tuple[Setting, ...]
    notes: tuple[str, ...] = ()
    """What a reader must know about the runs."""
    is_named: bool = False
    """Whether settings have names of their own instead of those of their values."""

    @property
    def runs(self) -> tuple[RunFolder, ...]:
        """All runs, setting by setting."""
        return tuple(run for setting in self.settings for run in setting.runs)


def compare(runs: Sequence[RunFolder], names: Mapping[Path, str] | None = None) -> Comparison:
    """Return the runs grouped by their settings; seeds of one setting stand together.

    Args:
        runs: one or more.
        names: resolved run folder -> what its setting is called, in the order in which settings are shown.
    """
    configs = [{k: v for k, v in flattened(run.config).items() if k not in NO_MATTER} for run in runs]
    differing = _differing(configs)
    groups: dict[str, list[int]] = {}
    for number, config in enumerate(configs):
        groups.setdefault(_plain([config.get(key, ABSENT) for key in differing]), []).append(number)
    firsts = [configs[numbers[0]] for numbers in groups.values()]
    keys = _telling(differing, firsts)
    shared, notes = _shared_prefix(keys), _notes_on(runs)
    settings = []
    for numbers, config in zip(groups.values(), firsts, strict=True):
        kept, repeated = _a_run_a_seed([runs[i] for i in numbers])
        values = {key: config.get(key, ABSENT) for key in keys}
        called = _called(kept, names or {})
        named = ", ".join(f"{key.removeprefix(shared)} {show_setting(v)}" for key, v in values.items())
        short = called or ", ".join(map(show_setting, values.values()))
        settings.append(Setting(called or named or "all runs", short or "all runs", values, kept))
        notes += [f"{settings[-1].name}: {note}" for note in repeated]
    order = list(dict.fromkeys((names or {}).values()))
    settings.sort(key=lambda s: (order.index(s.name) if s.name in order else len(order), _order(s.values.values())))
    along = tuple(key for key in differing if key not in keys)
    is_named = any(setting.name in order for setting in settings)
    return Comparison(tuple(keys), along, tuple(settings), tuple(notes), is_named)


def _plain(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=repr)


def _differing(configs: Sequence[Mapping[str, Any]]) -> list[str]:
    """The keys with more than one value, those that some run lacks included, in the order of the configurations."""
    keys = dict.fromkeys(key for config in configs for key in config)
    return [key for key in keys if len({_plain(config.get(key, ABSENT)) for config in configs}) > 1]


def _telling(differing: Sequence[str], configs: Sequence[Mapping[str, Any]]) -> list[str]:
    """The fewest keys, greedily chosen, that still tell all configurations apart; names and coefficients first."""

    def groups(keys: Iterable[str]) -> int:
        return len({_plain([config.get(key, ABSENT) for key in keys]) for config in configs})

    def rank(key: str) -> tuple[bool, bool]:
        return any(key not in config for config in configs), not key.endswith((".name", "coef"))

    candidates = sorted(differing, key=rank)
    chosen: list[str] = []
    while groups(chosen) < len(configs):
        chosen.append(max(candidates, key=lambda key: groups([*chosen, key])))
    for key in list(chosen):
        if groups(other for other in chosen if other != key) == len(configs):
            chosen.remove(key)
    return [key for key in differing if key in chosen]


def _shared_prefix(keys: Sequence[str]) -> str:
    """`regularizers.` where all keys begin with it: it would only lengthen their names."""
    return "regularizers." if keys and all(key.startswith("regularizers.") for key in keys) else ""


def _a_run_a_seed(runs: Sequence[RunFolder]) -> tuple[tuple[RunFolder, ...], list[str]]:
    """One run of every seed, the longest, and what was left out: a repeated seed is no further evidence."""
    found: dict[str, RunFolder] = {}
    notes = []
    for run in runs:
        seed = _plain(run.config.get(SEED))
        if seed in found:
            longer, shorter = sorted((found[seed], run), key=lambda r: -r.last_step)
            notes.append(f"seed {seed} was run twice; {shorter.path} is left out, since it is no further evidence")
            run = longer
        found[seed] = run
    return tuple(sorted(found.values(), key=lambda run: _order([run.config.get(SEED)]))), notes


def _called(runs: Sequence[RunFolder], names: Mapping[Path, str]) -> str:
    """What all of these runs are called, empty where they have no name or several."""
    found = {names.get(run.path.resolve(), "") for run in runs}
    return found.pop() if len(found) == 1 else ""


def _order(values: Iterable[Any]) -> tuple[tuple[int, float, str], ...]:
    """A sort key: numbers by size, before everything else by its text."""
    return tuple(
        (0, float(value), "")
        if isinstance(value, int | float) and not isinstance(value, bool)
        else (1, 0.0, str(value))
        for value in values
    )


def _notes_on(runs: Sequence[RunFolder]) -> list[str]:
    """Warn where runs come from different code or versions, which may be why they differ."""
    notes = []
    for fact in ("formalrl", "commit", "torch", "transformers", "device", "reward_hash"):
        values = sorted({run.facts.get(fact, "unknown") for run in runs})
        if len(values) > 1:
            notes.append(f"the runs differ in {fact}: {', '.join(values)}")
    return notes + [f"{run.path}: {note}" for run in runs for note in run.notes]
