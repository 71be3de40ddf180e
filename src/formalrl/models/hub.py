"""Where a model's files are: a folder, the hub, or the hub's cache, and in one line what is wrong with them."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huggingface_hub import constants, get_hf_file_metadata, hf_hub_url, try_to_load_from_cache
from huggingface_hub.errors import (
    EntryNotFoundError,
    GatedRepoError,
    HFValidationError,
    HTTPError,  # pyright: ignore[reportPrivateImportUsage]  (the HTTP client's own, httpx or its successor)
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from transformers.utils import logging as transformers_logging

from formalrl.errors import ModelError

CONFIG, ADAPTER = "config.json", "adapter_config.json"
TIMEOUT_S = 10.0
"""How long the hub may take to answer the first question."""


@dataclass(frozen=True)
class Source:
    """Files of a model that are known to be there."""

    name: str
    """A folder, or a name on the hub."""
    is_adapter: bool
    """True for a peft adapter, which names its base model."""
    revision: str | None = None
    """Branch, tag or commit; None for the main branch and for folders."""
    cached_only: bool = False
    """True when the hub cannot be reached and its cache holds the model."""

    def options(self) -> dict[str, Any]:
        """Return the keyword arguments for `from_pretrained`."""
        return {"revision": self.revision or "main", "local_files_only": self.cached_only}


def locate(name: str, revision: str | None = None, *, setting: str = "model_name_or_path") -> Source:
    """Return where the files of `name` are: a folder if there is one of that name, else the hub, else its cache.

    Args:
        name: a folder, or a name on the hub.
        revision: branch, tag or commit on the hub.
        setting: what errors say is to be corrected.

    Raises:
        ModelError: no such folder or model, no permission, not a model, or the hub cannot be reached and the cache is
            empty.
    """
    folder = Path(name).expanduser()
    if folder.is_dir():
        return _folder_source(folder)
    if folder.exists():
        raise ModelError(
            f"{name!r} is a file, but a model is a folder with a config.json: give the folder that holds it."
        )
    if name.startswith((".", "/", "~")) or name.count("/") > 1 or os.sep * 2 in name:
        raise ModelError(
            f"There is no folder {name!r}: correct the path, or give the name of a model on the Hugging Face hub "
            "(owner/name)."
        )
    return _hub_source(name, revision, setting)


def _folder_source(folder: Path) -> Source:
    found = [file for file in (ADAPTER, CONFIG) if (folder / file).is_file()]
    if not found:
        inside = sorted(p.parent.name for p in folder.glob(f"*/{CONFIG}"))
        hint = f"it holds {', '.join(inside[:5])}, so name one of them" if inside else "give a folder that has one"
        raise ModelError(f"The folder {str(folder)!r} is not a model - there is no {CONFIG} or {ADAPTER} - {hint}.")
    try:
        content = json.loads((folder / found[0]).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ModelError(
            f"{str(folder / found[0])!r} cannot be read - {first_line(error)} - the file is damaged: save or copy the "
            "model again."
        ) from error
    if not isinstance(content, dict):
        raise ModelError(f"{str(folder / found[0])!r} is not a model's configuration: save or copy the model again.")
    return Source(str(folder), is_adapter=found[0] == ADAPTER)


def _hub_source(name: str, revision: str | None, setting: str) -> Source:
    where = f"{name!r}" + (f" (revision {revision!r})" if revision else "")
    try:
        for file in (ADAPTER, CONFIG):
            try:
                get_hf_file_metadata(hf_hub_url(name, file, revision=revision), timeout=TIMEOUT_S)
            except EntryNotFoundError:
                continue
            return Source(name, is_adapter=file == ADAPTER, revision=revision)
    except HFValidationError as error:
        raise ModelError(
            f"{name!r} is neither a folder nor a possible name on the Hugging Face hub (owner/name): correct {setting}."
        ) from error
    except GatedRepoError as error:
        raise ModelError(
            f"The model {where} is gated: accept its terms on {constants.ENDPOINT}/{name} and log in (`hf auth "
            "login`, or set HF_TOKEN)."
        ) from error
    except RepositoryNotFoundError as error:
        raise ModelError(
            f"The Hugging Face hub has no model {name!r}, or it is private: correct {setting}, or log in "
            "(`hf auth login`, or set HF_TOKEN)."
        ) from error
    except RevisionNotFoundError as error:
        raise ModelError(f"The model {name!r} has no revision {revision!r}: correct or drop `revision`.") from error
    except (OSError, HTTPError) as error:
        return _cached_source(name, revision, setting, error)
    raise ModelError(f"The hub's {where} is not a transformers model - it has no {CONFIG} - name another one.")


def _cached_source(name: str, revision: str | None, setting: str, error: Exception) -> Source:
    for file in (ADAPTER, CONFIG):
        if isinstance(try_to_load_from_cache(name, file, revision=revision), str):
            return Source(name, is_adapter=file == ADAPTER, revision=revision, cached_only=True)
    why = "HF_HUB_OFFLINE is set" if constants.is_offline_mode() else first_line(error)
    raise ModelError(
        f"The model {name!r} cannot be fetched from {constants.ENDPOINT} - {why} - and is not in the cache: connect, "
        f"or download it elsewhere (`hf download`) and give its folder as {setting}."
    ) from error


def first_line(error: BaseException) -> str:
    """Return the first line of an error's message, or its class name where it has none."""
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(". ") if lines else type(error).__name__


@contextmanager
def only_cached(source: Source) -> Iterator[None]:
    """Keep libraries from asking a hub that is known to be away - they try again for half a minute - then restore."""
    known = constants.HF_HUB_OFFLINE
    constants.HF_HUB_OFFLINE = known or source.cached_only
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = known


@contextmanager
def no_progress_bars() -> Iterator[None]:
    """Silence the bars of transformers, which would break a live display, and restore what was set."""
    shown = transformers_logging.is_progress_bar_enabled()
    transformers_logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            transformers_logging.enable_progress_bar()
