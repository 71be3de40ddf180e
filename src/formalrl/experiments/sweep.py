"""What a sweep is: settings times seeds, from a file or a grid, each with its run folder and its configuration."""

import itertools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from formalrl.config import TrainConfig, resolve
from formalrl.config_parts import nested, spelled
from formalrl.errors import ConfigError

SWEEP = "sweep.yaml"
DEFAULT_SEEDS = (0, 1, 2, 3, 4)
OWN_KEYS = ("grid", "runs", "seeds", "threads", "recipe", "output_dir")
"""Keys of a sweep file that are no settings of its runs."""
_SHORT_NAME = 80
_EXPONENT = re.compile(r"[+-]?\d+e[+-]?\d+", re.IGNORECASE)
"""A number that YAML 1.1 reads as text, for want of a dot."""
_NO_FOLDER = re.compile(r"[^A-Za-z0-9_.=,+-]+")


@dataclass(frozen=True)
class Setting:
    """One configuration of a sweep."""

    name: str
    """`entropy.coef=0.3`, or the name that a file gives it."""
    changes: Mapping[str, Any]
    """Dotted key -> value, over the settings that all runs share."""


@dataclass(frozen=True)
class SweepRun:
    """One run of a sweep: a setting with a seed."""

    setting: Setting
    seed: int
    folder: Path

    @property
    def name(self) -> str:
        """`entropy.coef=0.3 seed 1`."""
        return f"{self.setting.name} seed {self.seed}"

    @property
    def label(self) -> str:
        """The same as a file name."""
        return f"{self.folder.parent.name}-{self.folder.name}"


@dataclass(frozen=True)
class Sweep:
    """The definition of a sweep."""

    base: Mapping[str, Any]
    """Settings that all runs share, plain, over the defaults of their task."""
    grid: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    """Dotted key -> its values; every combination is a setting."""
    named: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Name -> the changes of a setting that a file lists under `runs`, beside the grid."""
    seeds: Sequence[int] = DEFAULT_SEEDS
    threads: int | None = None
    """Threads of the CPU that a run computes with; none: as the machine and `jobs` have it."""

    def settings(self) -> list[Setting]:
        """Return the named settings, then the grid's, the last key varying fastest. Raises ConfigError."""
        found = [Setting(name, changes) for name, changes in self.named.items()]
        short = short_keys(list(self.grid))
        for values in itertools.product(*self.grid.values()) if self.grid else ():
            point = dict(zip(self.grid, values, strict=True))
            found.append(Setting(", ".join(f"{short[key]}={show_value(value)}" for key, value in point.items()), point))
        names = [setting.name for setting in found]
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise ConfigError(f"two settings are called {twice!r}: give the one under `runs` another name.")
        return found or [Setting("base", {})]

    def runs(self, folder: Path) -> list[SweepRun]:
        """Return every run, the seeds of a setting together; their folders lie below `folder`."""
        settings = self.settings()
        names = _folder_names([setting.name for setting in settings])
        return [
            SweepRun(setting, seed, folder / name / f"seed{seed}")
            for setting, name in zip(settings, names, strict=True)
            for seed in self.seeds
        ]

    def to_plain(self) -> dict[str, Any]:
        """Return plain data, from which `sweep_from` makes an equal sweep."""
        plain: dict[str, Any] = dict(self.base)
        if self.grid:
            plain["grid"] = {key: list(values) for key, values in self.grid.items()}
        if self.named:
            plain["runs"] = [{"name": name, **changes} for name, changes in self.named.items()]
        plain["seeds"] = list(self.seeds)
        return plain if self.threads is None else {**plain, "threads": self.threads}


def sweep_from(values: Mapping[str, Any]) -> Sweep:
    """Return the sweep that a sweep file's content means; its settings are not looked at. Raises ConfigError."""
    values = spelled(values)
    grid = values.get("grid") or {}
    if not isinstance(grid, Mapping):
        raise ConfigError(f"grid is {grid!r}, expected a mapping from a setting to its values: `key: [1, 2]`.")
    base = {key: value for key, value in values.items() if key not in OWN_KEYS}
    threads = values.get("threads")
    if threads is not None and (not isinstance(threads, int) or isinstance(threads, bool) or threads < 1):
        raise ConfigError(f"threads is {threads!r}, but a run needs a thread: set it to 1 or more.")
    return Sweep(
        base=nested(base),
        grid={_own_key(key): _values(key, listed) for key, listed in grid.items()},
        named=dict(_named(values.get("runs") or [])),
        seeds=seeds_from(values.get("seeds", DEFAULT_SEEDS)),
        threads=threads,
    )


def seeds_from(value: Any) -> tuple[int, ...]:
    """Return the seeds: `5` is 0 to 4; `[0, 3, 7]` or `"0,3,7"` are these. Raises ConfigError."""
    if isinstance(value, str) and re.fullmatch(r"\s*\d+\s*", value):
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
        return tuple(range(value))
    listed = [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value
    if isinstance(listed, Sequence) and listed and all(str(seed).isdecimal() for seed in listed):
        seeds = tuple(int(seed) for seed in listed)
        if len(set(seeds)) == len(seeds):
            return seeds
    raise ConfigError(f"seeds is {value!r}: give their number, 1 or more, or different seeds such as 0,3,7.")


def configurations(sweep: Sweep, folder: Path) -> list[tuple[SweepRun, TrainConfig]]:
    """Return every run with its configuration, resolved and checked.

    Raises ConfigError, naming the setting, for an unknown key, a wrong value, settings that cannot work, and two
    settings that come to the same.
    """
    found: list[tuple[SweepRun, TrainConfig]] = []
    configs: dict[str, TrainConfig] = {}
    for run in sweep.runs(folder):
        name = run.setting.name
        if name not in configs:
            configs[name] = _configuration(sweep, run.setting)
            same = next((other for other in configs if other != name and configs[other] == configs[name]), None)
            if same is not None:
                raise ConfigError(f"the settings {same!r} and {name!r} come to the same runs: leave one out.")
        found.append((run, replace(configs[name], seed=run.seed, output_dir=str(run.folder))))
    return found


def _configuration(sweep: Sweep, setting: Setting) -> TrainConfig:
    try:
        config = resolve(sweep.base, setting.changes)
        config.check()
    except ConfigError as error:
        raise type(error)(f"{error} (in {setting.name})" if setting.changes else str(error)) from error
    return config


def read_sweep_file(path: Path) -> dict[str, Any]:
    """Return the content of a sweep file, or of the `sweep.yaml` in a sweep's folder. Raises ConfigError."""
    file = path / SWEEP if path.is_dir() else path
    try:
        values = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"the sweep {str(path)!r} cannot be read, {error}: name a YAML file or a sweep's folder."
        ) from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{file} is not valid YAML, {' '.join(str(error).split())}: correct it.") from error
    if not isinstance(values, Mapping):
        raise ConfigError(f"{file} holds no mapping: write settings, `grid:` or `runs:`, and `seeds:`.")
    return spelled(values)


def read_sweep(folder: str | Path) -> Sweep:
    """Return the sweep that a folder holds. Raises ConfigError."""
    return sweep_from(read_sweep_file(Path(folder)))


def grown(before: Sweep, now: Sweep) -> None:
    """Raise ConfigError unless `now` is the sweep `before`, or that with more seeds."""
    then, today = before.to_plain(), now.to_plain()
    if now.threads is None:
        then.pop("threads", None)
    for key in dict.fromkeys([*then, *today]):
        if key == "seeds" and set(before.seeds) <= set(now.seeds):
            continue
        if then.get(key) != today.get(key):
            raise ConfigError(
                f"the folder holds another sweep: its {key} is {then.get(key)!r}, not {today.get(key)!r}. Go on with "
                "the same definition (only seeds may be added), or choose another --output-dir."
            )


def short_keys(keys: Sequence[str]) -> dict[str, str]:
    """Return each dotted key without the parts in front that tell it from no other; two parts stay."""
    found: dict[str, str] = {}
    for key in keys:
        parts = key.split(".")
        endings = (".".join(parts[-length:]) for length in range(min(2, len(parts)), len(parts) + 1))
        found[key] = next((e for e in endings if sum(f".{other}".endswith(f".{e}") for other in keys) == 1), key)
    return found


def show_value(value: Any) -> str:
    """Return a value as one would type it."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        rest = ",".join(f"{key}={show_value(item)}" for key, item in value.items() if key != "name")
        return f"{value.get('name', '')}({rest})" if rest else str(value.get("name", ""))
    if isinstance(value, list | tuple):
        return "+".join(map(show_value, value)) or "none"
    return f"{value:g}" if isinstance(value, float) and float(f"{value:g}") == value else str(value)


def _folder_names(names: Sequence[str]) -> list[str]:
    found: list[str] = []
    for name in names:
        plain = _NO_FOLDER.sub("-", name.replace(", ", ",")).strip("-.")[:_SHORT_NAME] or "setting"
        number, unique = 1, plain
        while unique in found:
            number += 1
            unique = f"{plain}-{number}"
        found.append(unique)
    return found


def _own_key(key: Any) -> str:
    name = str(key).replace("-", "_")
    if name in ("seed", "output_dir"):
        what = "seeds" if name == "seed" else "the folder of a run"
        raise ConfigError(f"{name} cannot be varied in a grid or in runs: a sweep gives {what} by itself (--seeds).")
    if name in OWN_KEYS:
        raise ConfigError(f"{name} is no setting of a run: write it at the top of the sweep file.")
    return name


def _values(key: str, listed: Any) -> tuple[Any, ...]:
    if not isinstance(listed, list | tuple) or not listed:
        raise ConfigError(f"grid.{key} is {listed!r}, expected a list of values, one or more: `{key}: [1, 2]`.")
    listed = [float(value) if isinstance(value, str) and _EXPONENT.fullmatch(value) else value for value in listed]
    shown = [json.dumps(value, sort_keys=True, default=str) for value in listed]
    twice = next((value for value, text in zip(listed, shown, strict=True) if shown.count(text) > 1), None)
    if len(set(shown)) < len(shown):
        raise ConfigError(f"grid.{key} lists {twice!r} twice: leave one out.")
    return tuple(listed)


def _named(listed: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if not isinstance(listed, list):
        raise ConfigError(f"runs is {listed!r}, expected a list of settings, each with its `name`.")
    seen: set[str] = set()
    for entry in listed:
        name = entry.get("name") if isinstance(entry, Mapping) else None
        if not isinstance(entry, Mapping) or not isinstance(name, str) or not name:
            raise ConfigError(f"{entry!r} in runs has no name: write `- name: text`, and its settings below.")
        if name in seen:
            raise ConfigError(f"runs holds {name!r} twice: give each its own name.")
        seen.add(name)
        yield name, {_own_key(key): value for key, value in spelled(entry).items() if key != "name"}
