"""Texts of reviews: the project's own corpus, or those of a file or data set; and where a prompt of them ends."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from formalrl.errors import ConfigError, ModelError, nearest
from formalrl.tasks.film_reviews import MIN_CHARACTERS, film_reviews
from formalrl.tasks.rows import HUB_TIMEOUT_S, read_rows

if TYPE_CHECKING:
    from tokenizers import Tokenizer

TEXT_COLUMNS = ("text", "review", "sentence", "content", "prompt")
"""Columns that hold the text where none is named, in this order."""
TOKENIZER = "tokenizer.json"
Cut = Callable[[str, int], str]
"""(text, n) -> its first n tokens, as text."""

_WORD = re.compile(r"\s*(?:\w+(?:['\N{RIGHT SINGLE QUOTATION MARK}]\w+)?|[^\w\s])")


@lru_cache(maxsize=4)
def review_texts(data: str | None, text_column: str | None, max_reviews: int) -> tuple[str, ...]:
    """Return the distinct texts longer than 200 characters, at most `max_reviews`, in the order of their source.

    Args:
        data: a .txt file (a review a line), a JSONL, JSON, CSV or parquet file, or a data set `name[:config[:split]]`
            of the Hugging Face hub or in a folder; None for the project's own corpus.
        text_column: the column that holds them; None for the first of TEXT_COLUMNS.
        max_reviews: how many are taken.

    Raises ConfigError when there are none or a file is malformed, ModelError when a data set cannot be loaded.
    """
    if data is None:
        return film_reviews(max_reviews)
    found: dict[str, None] = {}
    for text in _texts(data, text_column):
        if len(text) > MIN_CHARACTERS:
            found[text] = None
        if len(found) == max_reviews:
            break
    if not found:
        raise ConfigError(
            f"{data} has no review of more than {MIN_CHARACTERS} characters, and prompts are taken of those:"
            " give longer texts, or name their column with task.text_column."
        )
    return tuple(found)


def first_words(text: str, count: int) -> str:
    """Return the first `count` words and punctuation marks of a text, as they are written."""
    end = 0
    for _, match in zip(range(count), _WORD.finditer(text), strict=False):
        end = match.end()
    return text[:end]


def first_tokens(tokenizer: "Tokenizer") -> Cut:
    """Return the function that cuts texts after so many tokens of a tokenizer, its special tokens not counted."""

    def cut(text: str, count: int) -> str:
        offsets = tokenizer.encode(text[: 40 * count], add_special_tokens=False).offsets
        return text if count >= len(offsets) and len(text) <= 40 * count else text[: offsets[:count][-1][1]]

    return cut


@lru_cache(maxsize=4)
def load_tokenizer_file(name: str) -> "Tokenizer":
    """Return the fast tokenizer in a folder, or of a model on the Hugging Face hub: its tokenizer.json or, in
    repositories that are older than that, the byte-level pairs of vocab.json and merges.txt. Raises ModelError."""
    from huggingface_hub.errors import HfHubHTTPError, HTTPError  # pyright: ignore[reportPrivateImportUsage]
    from tokenizers import Tokenizer

    advice = "name another one with task.prompt_tokens, or set that to 'words' to count words instead of tokens."
    unreadable = (OSError, ValueError, HfHubHTTPError, HTTPError)
    try:
        file = _file(name, TOKENIZER)
        content = json.loads(file.read_text(encoding="utf-8"))
    except unreadable as error:
        try:
            return _byte_pairs(_file(name, "vocab.json"), _file(name, "merges.txt"))
        except unreadable:
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(". ")
            raise ModelError(
                f"The tokenizer.json of {name!r}, whose tokens prompts are cut by, cannot be read - {reason} - {advice}"
            ) from error
    if not isinstance(content, dict) or not {"model", "added_tokens"} <= set(content):
        raise ModelError(f"{str(file)!r} is no fast tokenizer - it holds no `model` and `added_tokens` - {advice}")
    return Tokenizer.from_file(str(file))


def _file(name: str, file: str) -> Path:
    """A file of a folder, or of the hub's cache, fetched if need be. One question comes before a download, which would
    ask a hub that is away again and again, for half a minute."""
    from huggingface_hub import get_hf_file_metadata, hf_hub_download, hf_hub_url
    from huggingface_hub.errors import (
        HfHubHTTPError,
        HTTPError,  # pyright: ignore[reportPrivateImportUsage]  (the HTTP client's own)
        LocalEntryNotFoundError,
    )

    folder = Path(name).expanduser()
    if folder.is_dir():
        return folder / file
    try:
        get_hf_file_metadata(hf_hub_url(name, file), timeout=HUB_TIMEOUT_S)
    except (OSError, HfHubHTTPError, HTTPError) as error:
        try:
            return Path(hf_hub_download(name, file, local_files_only=True))
        except LocalEntryNotFoundError:
            raise error from None
    return Path(hf_hub_download(name, file))


def _byte_pairs(vocabulary: Path, merges: Path) -> "Tokenizer":
    """GPT-2's kind of tokenizer. Raises OSError or ValueError when the files hold another kind."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    known = json.loads(vocabulary.read_text(encoding="utf-8"))
    pairs = [tuple(line.split(" ")) for line in merges.read_text(encoding="utf-8").splitlines()]
    pairs = [pair for pair in pairs if len(pair) == 2 and pair[0] != "#version:"]
    if not set(pre_tokenizers.ByteLevel.alphabet()) <= set(known):
        raise ValueError(f"{vocabulary} holds no byte-level tokens")
    tokenizer = Tokenizer(models.BPE(vocab=known, merges=pairs))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)  # pyright: ignore[reportAttributeAccessIssue]
    tokenizer.decoder = decoders.ByteLevel()  # pyright: ignore[reportAttributeAccessIssue]
    return tokenizer


def _texts(data: str, column: str | None) -> Iterator[str]:
    path = Path(data).expanduser()
    if path.suffix.lower() == ".txt":
        if not path.is_file():
            raise ConfigError(f"the file {data!r} does not exist: check the path, which is relative to {Path.cwd()}.")
        lines: Iterable[str] = path.read_text(encoding="utf-8", errors="replace").splitlines()
        yield from (line.strip() for line in lines)
        return
    for number, row in enumerate(read_rows(data)):
        yield row if isinstance(row, str) else _column(row, column, f"row {number} of {data}")


def _column(row: Any, column: str | None, where: str) -> str:
    if not isinstance(row, Mapping):
        raise ConfigError(f"{where} is a {type(row).__name__}: a row must be a text or have a column of texts.")
    wanted = [column] if column is not None else TEXT_COLUMNS
    name = next((name for name in wanted if name in row), None)
    if name is None:
        listed = ", ".join(map(str, row)) or "none"
        raise ConfigError(
            f"{where} has no column {wanted[0]!r} (its columns: {listed}): name one with task.text_column."
            f"{nearest(wanted[0], map(str, row))}"
        )
    if not isinstance(row[name], str):
        raise ConfigError(f"{where} has a {type(row[name]).__name__} in column {name!r}: it must hold texts.")
    return row[name].strip()
