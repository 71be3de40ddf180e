"""Sequence-classification models of a folder or the hub: texts -> logits, in batches, on a device."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer, PreTrainedTokenizerBase

from formalrl.errors import ModelError
from formalrl.models.hub import Source, first_line, locate, no_progress_bars, only_cached
from formalrl.models.load import LOADING_ERRORS, disable_dropout

SETTING = "task.classifier"
MAX_TOKENS = 512
"""Tokens of a text that are read, where the model does not say how many it can."""


@dataclass(frozen=True)
class TextClassifier:
    """A frozen classifier with its tokenizer."""

    model: nn.Module
    tokenizer: PreTrainedTokenizerBase
    device: torch.device
    max_tokens: int
    """Tokens that are read of a text; what follows is cut off."""

    @torch.no_grad()
    def logits(self, texts: Sequence[str], batch_size: int) -> Tensor:
        """Return the logits [N, K] of N texts on the CPU, float32; texts of like length are computed together."""
        pad = cast(int, self.tokenizer.pad_token_id)
        encoded: Any = self.tokenizer(list(texts), truncation=True, max_length=self.max_tokens)["input_ids"]
        rows = [ids or [pad] for ids in encoded]  # the empty text of a tokenizer without special tokens
        order = sorted(range(len(rows)), key=lambda number: len(rows[number]))
        found: dict[int, Tensor] = {}
        for start in range(0, len(order), batch_size):
            chosen = order[start : start + batch_size]
            ids, mask = _pad_right([rows[number] for number in chosen], pad)
            output = self.model(input_ids=ids.to(self.device), attention_mask=mask.to(self.device))
            found |= zip(chosen, output.logits.float().cpu(), strict=True)
        return torch.stack([found[number] for number in range(len(rows))])


def classifier_labels(name: str) -> dict[int, str]:
    """Return number -> label of a classifier, from its configuration alone; no weights are read. Raises ModelError."""
    config = _read(AutoConfig, locate(name, setting=SETTING))
    return {int(number): str(label) for number, label in config.id2label.items()}


def load_classifier(name: str, device: torch.device) -> TextClassifier:
    """Return the classifier of a folder or of the hub in float32 on `device`, without dropout.

    Raises ModelError when its files cannot be read, or the weights of its head are not among them.
    """
    source = locate(name, setting=SETTING)
    with no_progress_bars():
        model, report = _read(AutoModelForSequenceClassification, source, output_loading_info=True, dtype=torch.float32)
        tokenizer = _read(AutoTokenizer, source, padding_side="right")
    missing = sorted(report["missing_keys"])
    if missing:
        raise ModelError(
            f"{name!r} is no trained classifier - its files lack {', '.join(missing[:3])}, which would be random -"
            f" name a sequence-classification model with {SETTING}."
        )
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token or tokenizer.unk_token
    if tokenizer.pad_token_id is None:
        raise ModelError(f"The tokenizer of {name!r} has no pad, end or unknown token: add a pad token to it.")
    model.config.pad_token_id = tokenizer.pad_token_id  # GPT-2's classifier reads the last token before the padding
    disable_dropout(model)
    for tensor in (*model.parameters(), *model.buffers()):
        tensor.data = tensor.data.clone()  # mapped files are aligned differently, and kernels then round differently
    positions = getattr(model.config, "max_position_embeddings", None) or MAX_TOKENS
    limit = min(int(positions), int(tokenizer.model_max_length))
    return TextClassifier(model.to(device).eval().requires_grad_(False), tokenizer, device, limit)


def _read(kind: Any, source: Source, **options: Any) -> Any:
    try:
        with only_cached(source):
            return kind.from_pretrained(source.name, **source.options(), **options)
    except LOADING_ERRORS as error:
        raise ModelError(
            f"The classifier {source.name!r} cannot be loaded - {first_line(error)} - name a sequence-classification"
            f" model, with all its files, with {SETTING}."
        ) from error


def _pad_right(rows: Sequence[Sequence[int]], pad: int) -> tuple[Tensor, Tensor]:
    length = max(len(row) for row in rows)
    ids = torch.tensor([[*row, *[pad] * (length - len(row))] for row in rows])
    return ids, torch.tensor([[1] * len(row) + [0] * (length - len(row)) for row in rows])
