"""Prompts to token ids and completions back to text; which tokens end a completion, and which may never be sampled."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Literal

from torch import nn
from transformers import PreTrainedTokenizerBase

from formalrl.errors import ConfigError
from formalrl.models.load import embedding_rows
from formalrl.types import Message, Prompt

ChatMode = Literal["auto", "always", "never"]
"""auto: the chat template where the tokenizer has one (plain text becomes a user message), plain text where it has
none.
always: the template, or an error. never: plain text; messages are written `role: content`, a line each."""


def encode_prompt(tokenizer: PreTrainedTokenizerBase, prompt: Prompt, *, chat: ChatMode = "auto") -> list[int]:
    """Return the token ids that the policy continues.

    A chat template renders the messages up to the place of the assistant's answer, special tokens included. Plain text
    begins with the tokens that the tokenizer itself would put in front, and with BOS in any case where there is one: a
    fresh model's tokenizer adds nothing by itself, and the first real token needs something to be predicted from.
    Nothing is put behind the text, even where the tokenizer would.

    Raises:
        ConfigError: the prompt gives no token; or it has chat messages, or `chat` is "always", and there is no
            template.
    """
    templated = _uses_template(tokenizer, prompt, chat)
    if templated:
        ids: Any = tokenizer.apply_chat_template(
            [dict(message) for message in _messages(prompt)],
            add_generation_prompt=True,
            tokenize=True,
            return_dict=False,
        )
    else:
        ids = _encode_plain(tokenizer, prompt_text(prompt))
    if not ids:
        raise ConfigError(
            f"The prompt {prompt_text(prompt)!r} gives no token, and the model has no beginning token: a completion "
            "needs something to continue, so give a prompt that is not empty."
        )
    return [int(token) for token in ids]


def encode_prompts(
    tokenizer: PreTrainedTokenizerBase,
    prompts: Sequence[Prompt],
    *,
    max_completion_length: int,
    context_length: int | None,
    chat: ChatMode = "auto",
) -> list[list[int]]:
    """Return the token ids of every prompt, each short enough for its completion; nothing is ever cut.

    Args:
        max_completion_length: in tokens.
        context_length: positions of the model; None for no bound (see `load.context_length`).

    Raises:
        ConfigError: a prompt and its completion do not fit into the context.
    """
    encoded = [encode_prompt(tokenizer, prompt, chat=chat) for prompt in prompts]
    for prompt, ids in zip(prompts, encoded, strict=True):
        check_fits(len(ids), max_completion_length, context_length, text=prompt_text(prompt))
    return encoded


def check_fits(prompt_length: int, max_completion_length: int, context_length: int | None, *, text: str) -> None:
    """Raise ConfigError unless a prompt of so many tokens and its completion fit into the context."""
    if context_length is None or prompt_length + max_completion_length <= context_length:
        return
    shown = text if len(text) <= 40 else text[:37] + "..."
    room = context_length - prompt_length
    advice = f"set max_completion_length to {room} or less" if room > 0 else "drop or shorten such prompts"
    raise ConfigError(
        f"The prompt {shown!r} has {prompt_length} tokens, and with max_completion_length {max_completion_length} it "
        f"needs {prompt_length + max_completion_length} of the model's {context_length} positions: {advice}, or take "
        "a model with a longer context (a fresh one: context_length)."
    )


def decode_completion(tokenizer: PreTrainedTokenizerBase, ids: Sequence[int], prompt_ids: Sequence[int] = ()) -> str:
    """Return the text of a completion, without special tokens and without any cleaning.

    Some tokenizers (SentencePiece) drop the space in front of the first word of what they decode; with `prompt_ids`,
    the completion is what the whole text has beyond the prompt's, so that prompt + completion is the text.
    """
    if prompt_ids:
        before, whole = _decode(tokenizer, prompt_ids), _decode(tokenizer, [*prompt_ids, *ids])
        if whole.startswith(before) and not before.endswith("\N{REPLACEMENT CHARACTER}"):
            return whole[len(before) :]
    return _decode(tokenizer, ids)


def encode_pair(
    tokenizer: PreTrainedTokenizerBase, prompt: Prompt, completion: str, *, chat: ChatMode = "auto"
) -> tuple[list[int], list[int]]:
    """Return the token ids of a prompt and of a text that follows it, without an end token.

    The text is cut into tokens together with the prompt where that leaves the prompt's tokens as they are, else alone.
    """
    ids = encode_prompt(tokenizer, prompt, chat=chat)
    if not _uses_template(tokenizer, prompt, chat):
        whole = _encode_plain(tokenizer, prompt_text(prompt) + completion)
        if whole[: len(ids)] == ids:
            return ids, whole[len(ids) :]
    return ids, list(tokenizer.encode(completion, add_special_tokens=False))


def prompt_text(prompt: Prompt) -> str:
    """Return a prompt as plain text; messages as `role: content` lines that end with `assistant:`."""
    if isinstance(prompt.text, str):
        return prompt.text
    return "\n".join([*(f"{message['role']}: {message['content']}" for message in prompt.text), "assistant:"])


def eos_token_ids(tokenizer: PreTrainedTokenizerBase, model: nn.Module) -> tuple[int, ...]:
    """Return the tokens that end a completion: the tokenizer's end token and those of the model's generation settings.

    Sorted; ids beyond the embedding are left out. Empty when there is none: completions then end by length alone.
    """
    found = special_ids(tokenizer, "eos")
    generation = getattr(model, "generation_config", None)
    listed = getattr(generation, "eos_token_id", None)
    if listed is not None:
        found |= {listed} if isinstance(listed, int) else set(listed)
    return tuple(sorted(token for token in found if 0 <= token < embedding_rows(model)))


def forbidden_token_ids(
    tokenizer: PreTrainedTokenizerBase, model: nn.Module, extra: Sequence[int] = ()
) -> tuple[int, ...]:
    """Return the tokens that the sampler may never emit, sorted: padding, beginning, unknown, and ids that are no
    token.

    A token that ends completions is never forbidden, whatever else it stands for (GPT-2 has one special token for all).
    The embedding may have more rows than the tokenizer has tokens; those rows are forbidden too. `extra` adds a task's
    own.
    """
    rows = embedding_rows(model)
    special = special_ids(tokenizer, "pad", "bos", "unk")
    nameless = set(range(rows)) - set(tokenizer.get_vocab().values())
    return tuple(sorted((special | nameless | set(extra)) - set(eos_token_ids(tokenizer, model))))


def special_ids(tokenizer: PreTrainedTokenizerBase, *roles: str) -> set[int]:
    """Return the ids of the special tokens ("bos", "eos", "pad", "unk") that the tokenizer has."""
    return {getattr(tokenizer, f"{role}_token_id") for role in roles} - {None}


def _uses_template(tokenizer: PreTrainedTokenizerBase, prompt: Prompt, chat: ChatMode) -> bool:
    has_template = bool(getattr(tokenizer, "chat_template", None))
    if chat == "never":
        return False
    if not has_template and (chat == "always" or not isinstance(prompt.text, str)):
        why = "chat is 'always'" if isinstance(prompt.text, str) else "the prompt is a list of chat messages"
        raise ConfigError(
            f"The model's tokenizer has no chat template, but {why}: name a chat model, give prompts as plain text, "
            "or set chat to 'never' (messages are then written as `role: content` lines)."
        )
    return has_template


def _messages(prompt: Prompt) -> Sequence[Message]:
    return [{"role": "user", "content": prompt.text}] if isinstance(prompt.text, str) else prompt.text


def _encode_plain(tokenizer: PreTrainedTokenizerBase, text: str) -> list[int]:
    """Return what the tokenizer makes of `text`, its own front tokens and BOS included, nothing behind it."""
    plain = _token_ids(tokenizer, text)
    front = _front_tokens(tokenizer)
    missing = [bos for bos in special_ids(tokenizer, "bos") if bos not in front and plain[:1] != [bos]]
    return [*missing, *front, *plain]


def _token_ids(tokenizer: PreTrainedTokenizerBase, text: str) -> list[int]:
    """Return the tokens of `text` alone; asked of the fast tokenizer itself, which answers ten times sooner."""
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is not None:
        return list(backend.encode(text, add_special_tokens=False).ids)
    return list(tokenizer.encode(text, add_special_tokens=False))


@lru_cache(maxsize=8)
def _front_tokens(tokenizer: PreTrainedTokenizerBase) -> tuple[int, ...]:
    """Return the tokens that the tokenizer puts in front of every text, as seen on the text of one ordinary token."""
    special = set(tokenizer.all_special_ids)
    for token_id in sorted(set(tokenizer.get_vocab().values()) - special):
        text = _decode(tokenizer, [token_id])
        plain = _token_ids(tokenizer, text) if text.strip() else []
        if plain:
            full = list(tokenizer.encode(text, add_special_tokens=True))
            starts = (start for start in range(len(full)) if full[start : start + len(plain)] == plain)
            return tuple(full[: next(starts, 0)])
    return ()


def _decode(tokenizer: PreTrainedTokenizerBase, ids: Sequence[int]) -> str:
    return str(tokenizer.decode(list(ids), skip_special_tokens=True, clean_up_tokenization_spaces=False))
