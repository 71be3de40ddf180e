"""Rows of a user's data: read from files and data sets, checked, and divided into training and held-out prompts."""

import csv
import hashlib
import itertools
import json
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from formalrl.errors import ConfigError, ModelError, nearest
from formalrl.types import Prompt

DATA_SUFFIXES = (".jsonl", ".ndjson", ".json", ".csv", ".parquet")
"""Data files that can be read."""

MAX_ROWS = 100_000
"""Rows that are taken of a source by default; `prompts()` may be an infinite generator."""

HUB_TIMEOUT_S = 5.0
"""How long the hub may take to answer whether it has a data set."""

RESERVED = ("prompts", "completion", "completions")
"""Names that a column must not have: the reward's own parameters."""


def is_held_out(text: str | Sequence[Mapping[str, str]]) -> bool:
    """Return whether a prompt is held out: the SHA-1 of its text (of its JSON, for a chat) is divisible by 10."""
    if not isinstance(text, str):
        text = json.dumps(text, ensure_ascii=False, sort_keys=True)
    return int(hashlib.sha1(text.encode("utf-8", "surrogatepass")).hexdigest(), 16) % 10 == 0


def prompts_of(rows: Iterable[Any], *, source: str, max_rows: int = MAX_ROWS) -> tuple[Prompt, ...]:
    """Return the first `max_rows` rows as prompts, with a warning when there are more.

    A row is a string, a dict with `prompt` (text or chat messages) and any other columns, or a Prompt.
    Raises ConfigError when a row is something else, or when there is none.
    """
    iterator = iter(rows)
    prompts = tuple(_prompt(row, f"row {n} of {source}") for n, row in enumerate(itertools.islice(iterator, max_rows)))
    if not prompts:
        raise ConfigError(f"{source} gave no rows: training needs prompts; check that it yields or returns some.")
    if len(prompts) == max_rows and next(iterator, None) is not None:
        warnings.warn(
            f"{source} has more than {max_rows} rows; the first {max_rows} are used (max_rows).", stacklevel=2
        )
    return prompts


def divide(prompts: Sequence[Prompt], *, source: str) -> tuple[tuple[Prompt, ...], tuple[Prompt, ...]]:
    """Return (training prompts, held-out prompts).

    Raises ConfigError when either would be empty.
    """
    training = tuple(prompt for prompt in prompts if not is_held_out(prompt.text))
    held_out = tuple(prompt for prompt in prompts if is_held_out(prompt.text))
    if training and held_out:
        return training, held_out
    missing = "held-out" if training else "training"
    distinct = len({json.dumps(prompt.text, sort_keys=True) for prompt in prompts})
    raise ConfigError(
        f"{source} leaves no {missing} prompts: about one prompt in ten is held out, by the SHA-1 of its text, and"
        f" there are {distinct} distinct ones: give more of them, or define eval_prompts() yourself."
    )


def read_rows(source: str) -> Iterator[Mapping[str, Any]]:
    """Yield the rows of a JSONL, JSON, CSV or parquet file, or of a Hugging Face data set `name[:config[:split]]`.

    Raises ConfigError when a file is missing or malformed, ModelError when a data set cannot be loaded.
    """
    path = Path(source).expanduser()
    suffix = path.suffix.lower()
    if suffix not in DATA_SUFFIXES:
        if path.is_file():
            raise ConfigError(
                f"{source} is no data file that can be read: its suffix must be {', '.join(DATA_SUFFIXES)}."
            )
        return _read_dataset(source)
    if not path.is_file():
        raise ConfigError(
            f"the data file {source!r} does not exist: check the path, which is relative to {Path.cwd()}."
        )
    if suffix == ".json":
        return _read_json(path, source)
    if suffix == ".csv":
        return _read_csv(path)
    return _read_parquet(path, source) if suffix == ".parquet" else _read_jsonl(path, source)


def _prompt(row: Any, where: str) -> Prompt:
    if isinstance(row, Prompt):
        return row
    if isinstance(row, str):
        return Prompt(row)
    if not isinstance(row, Mapping):
        raise ConfigError(f"{where} is a {type(row).__name__}: a row must be a string or a dict with 'prompt'.")
    if "prompt" not in row:
        listed = ", ".join(map(str, row)) or "none"
        raise ConfigError(f"{where} has no column 'prompt' (its columns: {listed}): add one.{nearest('prompt', row)}")
    text = row["prompt"]
    if not isinstance(text, str) and not _is_chat(text):
        raise ConfigError(
            f"{where} has a prompt of type {type(text).__name__}: it must be text, or chat messages like"
            f" [{{'role': 'user', 'content': '...'}}]."
        )
    columns = {name: value for name, value in row.items() if name != "prompt"}
    for name, value in columns.items():
        _check_column(name, value, where)
    return Prompt(text if isinstance(text, str) else [dict(message) for message in text], columns)


def _is_chat(text: Any) -> bool:
    return (
        isinstance(text, Sequence)
        and len(text) > 0
        and all(isinstance(message, Mapping) and {"role", "content"} <= set(message) for message in text)
    )


def _check_column(name: Any, value: Any, where: str) -> None:
    if name in RESERVED:
        raise ConfigError(
            f"{where} has a column {name!r}, a name that means what the policy writes: rename it, to 'answer' say."
        )
    if value is None or isinstance(value, str | int | float):
        return
    try:
        json.dumps(value)
    except (TypeError, ValueError):
        raise ConfigError(
            f"{where} has a {type(value).__name__} in column {name!r}, which JSON cannot hold: make it text or numbers."
        ) from None


def _read_jsonl(path: Path, source: str) -> Iterator[Mapping[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                try:
                    yield json.loads(line)
                except json.JSONDecodeError as error:
                    raise ConfigError(f"{source}:{number} is no JSON ({error.msg}): correct the line.") from error


def _read_json(path: Path, source: str) -> Iterator[Mapping[str, Any]]:
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise ConfigError(f"{source}:{error.lineno} is no JSON ({error.msg}): correct the line.") from error
    if not isinstance(rows, list):
        raise ConfigError(f"{source} holds a {type(rows).__name__}: it must hold a list of rows (or be a .jsonl file).")
    yield from rows


def _read_csv(path: Path) -> Iterator[Mapping[str, Any]]:
    with path.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def _read_parquet(path: Path, source: str) -> Iterator[Mapping[str, Any]]:
    try:
        from pyarrow import ArrowInvalid, parquet
    except ImportError as error:
        raise ConfigError(f"{source} needs pyarrow: run pip install 'formalrl[data]'.") from error
    try:
        for batch in parquet.ParquetFile(path).iter_batches():
            yield from batch.to_pylist()
    except ArrowInvalid as error:
        raise ConfigError(f"{source} is no parquet file: {str(error).splitlines()[0]}") from error


def _read_dataset(source: str) -> Iterator[Mapping[str, Any]]:
    name, _, rest = source.partition(":")
    config, _, split = rest.partition(":")
    try:
        from datasets import load_dataset
    except ImportError as error:
        raise ConfigError(f"the data set {name!r} needs a package: run pip install 'formalrl[data]'.") from error
    away = _why_hub_is_away(name)
    try:
        with _offline() if away else nullcontext():
            rows = load_dataset(_cached(name) if away else name, config or None, split=split or "train")
        yield from rows  # pyright: ignore[reportReturnType]
    except (OSError, ValueError, RuntimeError) as error:
        if away:
            raise ModelError(
                f"the data set {name!r} cannot be fetched from the Hugging Face hub - {away} - and is not in the cache:"
                f" connect, correct the path, or give a local file ({', '.join(DATA_SUFFIXES)})."
            ) from error
        reason = " ".join(str(error).split())[:300]
        raise ModelError(
            f"the data set {name!r} could not be loaded ({type(error).__name__}: {reason}): check its name and the"
            " network, log in where it is private or gated (`hf auth login`, or set HF_TOKEN), or give a local file"
            f" ({', '.join(DATA_SUFFIXES)})."
        ) from error


def _why_hub_is_away(name: str) -> str | None:
    """Why the hub does not answer, found with one question; None where it does, and for data sets in folders.

    `datasets` asks many times over, with pauses, before it looks into its cache or gives up.
    """
    from huggingface_hub import HfApi, constants
    from huggingface_hub.errors import (
        HfHubHTTPError,
        HFValidationError,
        HTTPError,  # pyright: ignore[reportPrivateImportUsage]  (the HTTP client's own)
    )

    if Path(name).expanduser().exists():
        return None
    if constants.is_offline_mode():
        return "HF_HUB_OFFLINE is set"
    try:
        HfApi().dataset_info(name, timeout=HUB_TIMEOUT_S)
    except (HfHubHTTPError, HFValidationError):  # an answer: `datasets` says what is wrong
        return None
    except (OSError, HTTPError) as error:
        return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(". ")
    return None


def _cached(name: str) -> str:
    """What `datasets` is asked for while the hub is away: the name where it has prepared that data set before, else the
    folder in which `hf download --repo-type dataset` left it, else the name."""
    from datasets import config
    from huggingface_hub import snapshot_download

    if any(Path(config.HF_DATASETS_CACHE).glob(f"{name.replace('/', '___')}/*/*/*/dataset_info.json")):
        return name
    try:
        return str(snapshot_download(name, repo_type="dataset", local_files_only=True))
    except (OSError, ValueError):
        return name


@contextmanager
def _offline() -> Iterator[None]:
    """Have `datasets` take what is in its cache, without asking the hub first."""
    from datasets import config
    from huggingface_hub import constants

    known = config.HF_HUB_OFFLINE, constants.HF_HUB_OFFLINE
    config.HF_HUB_OFFLINE = constants.HF_HUB_OFFLINE = True
    try:
        yield
    finally:
        config.HF_HUB_OFFLINE, constants.HF_HUB_OFFLINE = known
