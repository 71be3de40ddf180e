"""Supervised warm start: teach a model the format of a task on a few solved examples, before reinforcement learning."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import PreTrainedTokenizerBase

from formalrl.errors import ConfigError, ModelError
from formalrl.models.load import context_length
from formalrl.models.text import ChatMode, encode_pair, special_ids
from formalrl.training.sft_config import SFTConfig
from formalrl.types import Message, Prompt

Pair = tuple[str | Sequence[Message], str]
"""A prompt and the completion to learn."""


@dataclass(frozen=True)
class Example:
    """The tokens of one solved example, and which of them are learned."""

    ids: tuple[int, ...]
    learned: tuple[bool, ...]
    """Same length; False for the first token, which nothing predicts."""


@dataclass(frozen=True)
class SFTBatch:
    """Examples of one update, padded on the right."""

    input_ids: Tensor
    """[B, L] long."""
    attention_mask: Tensor
    """[B, L] long, 1 on tokens."""
    weights: Tensor
    """[B, L - 1] float: the weight of predicting token t + 1 from position t; they sum to 1 over the update."""


def run_sft(
    model: nn.Module,
    tokenizer: PreTrainedTokenizerBase,
    pairs: Sequence[Pair],
    config: SFTConfig,
    *,
    seed: int,
    device: torch.device | str,
    on_step: Callable[[dict[str, float]], None] = lambda metrics: None,
    append_eos: bool = True,
    chat: ChatMode = "auto",
) -> dict[str, float]:
    """Train `model` in place on solved examples and return the summary of it.

    The loss of an update is the mean negative log-likelihood over its learned tokens. Deterministic given the seed
    (which decides the order of the examples alone), so that every process of a run may do the same work and end with
    the same weights. The model is left in training mode, on `device`.

    Args:
        model: a causal LM; only parameters that require a gradient change.
        tokenizer: its tokenizer; prompts and completions are encoded as in reinforcement learning.
        pairs: prompts and completions; the first `config.num_examples` are used.
        seed: of the order of the examples.
        on_step: called after every update with `step` (from 1), `loss`, `learning_rate`, `grad_norm`.
        append_eos: learn the end token behind each completion; False where completions end by their length.
        chat: how prompts are rendered (see `models.text.encode_prompt`).

    Returns:
        `num_updates`, `num_examples`, `num_tokens` (learned ones, over all epochs), `loss_first`, `loss_last`.

    Raises:
        ConfigError: an example longer than the context, one with nothing to learn, or an impossible setting.
        ModelError: the loss became infinite or NaN.
    """
    config.check()
    examples = [
        encode_example(tokenizer, pair, loss_on=config.loss_on, append_eos=append_eos, chat=chat)
        for pair in pairs[: config.num_examples]
    ]
    if not examples:
        return {"num_updates": 0, "num_examples": 0, "num_tokens": 0}
    _check_lengths(examples, context_length(model))
    if not (getattr(model, "is_loaded_in_8bit", False) or getattr(model, "is_loaded_in_4bit", False)):
        model.to(device)
    pad = min(special_ids(tokenizer, "pad"), default=0)
    batches = [collate(chosen, pad) for chosen in _draws(examples, config, seed)]
    losses = _learn(model, batches, config, device, on_step)
    return {
        "num_updates": len(batches),
        "num_examples": len(examples),
        "num_tokens": config.num_epochs * sum(sum(example.learned) for example in examples),
        "loss_first": losses[0],
        "loss_last": losses[-1],
    }


def _learn(
    model: nn.Module,
    batches: Sequence[SFTBatch],
    config: SFTConfig,
    device: torch.device | str,
    on_step: Callable[[dict[str, float]], None],
) -> list[float]:
    """Change the model by one update a batch and return their losses."""
    model.train()
    optimizer = _optimizer(model, config)
    losses: list[float] = []
    for number, batch in enumerate(batches):
        rate = learning_rate(config, number, len(batches))
        for group in optimizer.param_groups:
            group["lr"] = rate
        losses.append(backward(model, batch, config, device))
        norm = _update(model, optimizer, config, losses[-1], number + 1)
        on_step({"step": number + 1, "loss": losses[-1], "learning_rate": rate, "grad_norm": norm})
    return losses


def _update(model: nn.Module, optimizer: torch.optim.Optimizer, config: SFTConfig, loss: float, number: int) -> float:
    """Change the parameters by their clipped gradients and return the norm these had before."""
    norm = float(nn.utils.clip_grad_norm_(_trained(model), config.max_grad_norm))
    if not (math.isfinite(loss) and math.isfinite(norm)):
        raise ModelError(
            f"The warm start diverged at update {number} - loss {loss}, gradient norm {norm} - lower "
            "warm_start.learning_rate, or use float32."
        )
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return norm


def encode_example(
    tokenizer: PreTrainedTokenizerBase, pair: Pair, *, loss_on: str, append_eos: bool, chat: ChatMode = "auto"
) -> Example:
    """Return the tokens of prompt, completion and (with `append_eos`, where there is one) the end token."""
    prompt_ids, completion_ids = encode_pair(tokenizer, Prompt(pair[0]), pair[1], chat=chat)
    if append_eos:
        completion_ids = [*completion_ids, *special_ids(tokenizer, "eos")]
    ids = (*prompt_ids, *completion_ids)
    first = len(prompt_ids) if loss_on == "completion" else 1
    learned = tuple(position >= max(first, 1) for position in range(len(ids)))
    if not any(learned):
        raise ConfigError(
            f"The solved example {pair!r} has no token to learn - its completion is empty - leave it out of the "
            "examples."
        )
    return Example(ids, learned)


def collate(examples: Sequence[Example], pad_token_id: int) -> SFTBatch:
    """Return the examples of one update, padded on the right, with weights that sum to 1."""
    longest = max(len(example.ids) for example in examples)
    input_ids = torch.full((len(examples), longest), pad_token_id)
    attention_mask = torch.zeros(len(examples), longest, dtype=torch.long)
    learned = torch.zeros(len(examples), longest)
    for row, example in enumerate(examples):
        input_ids[row, : len(example.ids)] = torch.tensor(example.ids)
        attention_mask[row, : len(example.ids)] = 1
        learned[row, : len(example.ids)] = torch.tensor(example.learned, dtype=torch.float32)
    return SFTBatch(input_ids, attention_mask, learned[:, 1:] / learned[:, 1:].sum())


def backward(model: nn.Module, batch: SFTBatch, config: SFTConfig, device: torch.device | str) -> float:
    """Add the gradient of one update's loss to the parameters, one micro-batch after the other, and return the loss."""
    size = config.micro_batch_size or len(batch.input_ids)
    total = 0.0
    for start in range(0, len(batch.input_ids), size):
        part = slice(start, start + size)
        ids, mask = batch.input_ids[part].to(device), batch.attention_mask[part].to(device)
        positions = (mask.cumsum(1) - 1).clamp_min(0)
        with torch.autocast(torch.device(device).type, dtype=torch.bfloat16, enabled=config.bf16):
            logits = model(input_ids=ids, attention_mask=mask, position_ids=positions, use_cache=False).logits
        nll = functional.cross_entropy(logits[:, :-1].float().transpose(1, 2), ids[:, 1:], reduction="none")
        loss = (nll * batch.weights[part].to(device)).sum()
        loss.backward()
        total += loss.item()
    return total


def learning_rate(config: SFTConfig, update: int, num_updates: int) -> float:
    """Return the learning rate of update `update` (from 0): a linear rise to the peak, then the schedule towards 0."""
    warmup = math.ceil(config.warmup_ratio * num_updates)
    if update < warmup:
        return config.learning_rate * (update + 1) / warmup
    progress = (update - warmup) / max(num_updates - warmup, 1)
    if config.lr_scheduler_type == "linear":
        return config.learning_rate * (1 - progress)
    if config.lr_scheduler_type == "cosine":
        return config.learning_rate * (1 + math.cos(math.pi * progress)) / 2
    return config.learning_rate


def _draws(examples: Sequence[Example], config: SFTConfig, seed: int) -> Iterator[list[Example]]:
    """Yield the examples of each update: every epoch a new order of all of them."""
    generator = torch.Generator().manual_seed(seed)
    for _ in range(config.num_epochs):
        order = torch.randperm(len(examples), generator=generator).tolist()
        for start in range(0, len(order), config.batch_size):
            yield [examples[i] for i in order[start : start + config.batch_size]]


def _trained(model: nn.Module) -> list[nn.Parameter]:
    return [parameter for parameter in model.parameters() if parameter.requires_grad]


def _optimizer(model: nn.Module, config: SFTConfig) -> torch.optim.AdamW:
    parameters = _trained(model)
    groups = [
        {"params": [p for p in parameters if p.dim() >= 2], "weight_decay": config.weight_decay},
        {"params": [p for p in parameters if p.dim() < 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW([group for group in groups if group["params"]], lr=config.learning_rate)


def _check_lengths(examples: Sequence[Example], limit: int | None) -> None:
    longest = max(len(example.ids) for example in examples)
    if limit is not None and longest > limit:
        raise ConfigError(
            f"A solved example has {longest} tokens, but the model has {limit} positions: shorten the examples, or "
            "take a model with a longer context (a fresh one: context_length)."
        )
