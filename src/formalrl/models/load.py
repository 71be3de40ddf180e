"""Pretrained models and tokenizers, from a folder or the hub: loaded, checked, adapted, and made ready for RL."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import torch
from safetensors import SafetensorError
from torch import nn
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    BitsAndBytesConfig,
    PreTrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from formalrl.errors import ConfigError, ModelError
from formalrl.models.adapters import adapter_config, add_lora, load_adapter, prepare_quantized
from formalrl.models.config import ModelConfig
from formalrl.models.hub import Source, first_line, locate, no_progress_bars, only_cached

__all__ = ["ModelConfig", "context_length", "disable_dropout", "load_model", "load_tokenizer", "prepare_for_rl"]

LOADING_ERRORS = (
    OSError,
    ValueError,
    ImportError,
    RuntimeError,
    LookupError,
    TypeError,
    AttributeError,
    SafetensorError,
)
"""What `from_pretrained` raises for files and settings that it cannot use."""


def load_model(
    name_or_path: str, config: ModelConfig, *, seed: int = 0, device: torch.device | str | None = None
) -> nn.Module:
    """Return a pretrained causal LM, with a trainable LoRA adapter where one is asked for or saved, ready for RL.

    A `PreTrainedModel`, or a `peft.PeftModel` when `name_or_path` is an adapter folder (then the adapter is continued
    and the `lora_*` settings do not apply) or `use_peft` is set. Dropout is off everywhere; see `prepare_for_rl`.

    Args:
        name_or_path: a folder that `save_pretrained` wrote, or a name on the Hugging Face hub.
        config: its `revision`, `dtype`, quantization, attention and adapter settings; the fresh shape is not used.
        seed: of a new adapter's weights.
        device: where to put the weights; None leaves them on the CPU (quantized ones go to the current GPU).

    Raises:
        ConfigError: settings that exclude each other, or need a GPU that is not there.
        ModelError: the files are not there, cannot be read, or are not a causal language model.
    """
    config.check(fresh=False)
    if config.load_in_8bit or config.load_in_4bit:
        _check_quantization_possible(config)
    source = locate(name_or_path, config.revision)
    with no_progress_bars():
        if source.is_adapter:
            model = load_adapter(source, lambda base, revision: _load_base(locate(base, revision), config, device))
        else:
            model = _load_base(source, config, device)
            if config.use_peft:
                model = add_lora(model, config, seed=seed)
    if device is not None and not (config.load_in_8bit or config.load_in_4bit):
        model = cast(nn.Module, model).to(device)
    return prepare_for_rl(model, gradient_checkpointing=config.gradient_checkpointing)


def load_tokenizer(
    name_or_path: str, config: ModelConfig | None = None, *, model: nn.Module | None = None
) -> PreTrainedTokenizerBase:
    """Return the tokenizer of a model: `tokenizer_name_or_path` if set, else beside the model, else its base model's.

    It pads on the left. A missing pad token becomes the end token (masks, not ids, say what is padding); without an end
    token, a spare row of `model`'s embedding, then the unknown or the beginning token.

    Raises:
        ModelError: there is no tokenizer, or it knows more tokens than `model` has embeddings.
    """
    config = config or ModelConfig()
    name = config.tokenizer_name_or_path or name_or_path
    if config.tokenizer_name_or_path is None:
        source = locate(name, config.revision)
    else:  # a folder may hold a tokenizer alone
        source = Source(name, is_adapter=False) if Path(name).is_dir() else locate(name)
    tokenizer = _read_tokenizer(source, config)
    if tokenizer is None and source.is_adapter:
        base, revision = _base_of(source)
        tokenizer = _read_tokenizer(locate(base, revision), config)
    if tokenizer is None:
        raise ModelError(
            f"There is no tokenizer in {name!r}: set tokenizer_name_or_path to the model it was trained with, or save "
            "the tokenizer beside the model."
        )
    rows = None if model is None else embedding_rows(model)
    _check_vocabulary(tokenizer, rows, name)
    _ensure_pad_token(tokenizer, rows)
    return tokenizer


def prepare_for_rl(model: nn.Module, *, gradient_checkpointing: bool = False) -> nn.Module:
    """Return `model` in training mode, with all dropout at 0 and, where asked for, gradient checkpointing."""
    disable_dropout(model)
    if gradient_checkpointing:
        _enable_gradient_checkpointing(cast(Any, model))
    return model.train()


def disable_dropout(model: nn.Module) -> None:
    """Set every dropout probability to 0: in the configurations, in dropout modules, and in numbers that layers copied.

    `eval()` is not enough: it switches gradient checkpointing off, and the next `train()` brings dropout back.
    """
    for module in model.modules():
        if isinstance(module, nn.modules.dropout._DropoutNd):
            module.p = 0.0
        _zero_dropout_numbers(vars(module))
    for config in _configs(model):
        _zero_dropout_numbers(vars(config))


def context_length(model: nn.Module) -> int | None:
    """Return how many positions the model has, in tokens; None when its positions have no bound."""
    config = cast(PreTrainedConfig, model.config).get_text_config()
    return getattr(config, "max_position_embeddings", None)


def embedding_rows(model: nn.Module) -> int:
    """Return V, the rows of the input embedding, which may exceed the tokenizer's size."""
    return cast(nn.Embedding, cast(PreTrainedModel, model).get_input_embeddings()).num_embeddings


def _load_base(source: Source, config: ModelConfig, device: torch.device | str | None) -> PreTrainedModel:
    """Return the model of `source`; every weight of it was in the files."""
    options: dict[str, Any] = {**source.options(), "trust_remote_code": config.trust_remote_code}
    options["dtype"] = config.dtype if config.dtype == "auto" else getattr(torch, config.dtype)
    if config.attn_implementation is not None:
        options["attn_implementation"] = config.attn_implementation
    if config.load_in_8bit or config.load_in_4bit:
        options["quantization_config"] = _quantization(config)
        options["device_map"] = {"": device if device is not None else torch.cuda.current_device()}
    try:
        with only_cached(source):
            loaded: Any = AutoModelForCausalLM.from_pretrained(source.name, output_loading_info=True, **options)
    except LOADING_ERRORS as error:
        raise ModelError(_why_not_loaded(source, error)) from error
    model, report = loaded
    missing = sorted(report["missing_keys"])
    if missing:
        shown = ", ".join(missing[:3]) + (", ..." if len(missing) > 3 else "")
        raise ModelError(
            f"{source.name!r} lacks {len(missing)} of the model's weights ({shown}), which would be random: the files "
            "are incomplete, or belong to another kind of model."
        )
    if config.load_in_8bit or config.load_in_4bit:
        return prepare_quantized(model)
    if not _is_causal(model):
        raise ModelError(
            f"{source.name!r} ({model.config.model_type}) is not a causal language model - its predictions change with "
            "later tokens - name a model that was trained to continue text."
        )
    return model


def _why_not_loaded(source: Source, error: BaseException) -> str:
    text, why = str(error), first_line(error)
    what = f"The model {source.name!r} cannot be loaded"
    if "Unrecognized configuration class" in text:
        kind = why.split(" for this kind")[0]
        return f"{source.name!r} is not a causal language model - {kind} - name one that continues text."
    if "no file named" in text or "does not appear to have a file named" in text:
        return f"{what} - its weights are missing ({why}) - save or download it again, all files of it."
    if isinstance(error, SafetensorError):
        return f"{what} - its weights file is damaged ({why}) - save or download it again."
    if "trust_remote_code" in text:
        return (
            f"{what} - it comes with Python code of its own - set trust_remote_code to true if you trust its authors."
        )
    if "does not recognize this architecture" in text:
        why = why.split(". ")[0]
        return f"{what} - {why} - update transformers, or name another model."
    return f"{what} - {why} - check the files and the model section."


@torch.no_grad()
def _is_causal(model: PreTrainedModel) -> bool:
    """Return whether a change of the last of four tokens leaves the logits of the others alone."""
    rows = embedding_rows(model)
    ids = torch.tensor([[1, 2, 3, 4], [1, 2, 3, 5]], device=model.device) % rows
    was_training = model.training
    logits = model.eval()(input_ids=ids, attention_mask=torch.ones_like(ids), use_cache=False).logits.float()
    model.train(was_training)
    change = (logits[0] - logits[1]).abs().amax(-1)
    return bool(change[:-1].max() <= 1e-3 * change[-1].clamp_min(1e-6))


def _enable_gradient_checkpointing(model: Any) -> None:
    settings = {"use_reentrant": False}  # works with frozen inputs, and with gradients of several backward passes
    if hasattr(model, "activation_checkpointing_enable"):  # the newer name of transformers 5
        model.activation_checkpointing_enable(activation_checkpointing_kwargs=settings)
    else:
        model.gradient_checkpointing_enable(gradient_checkpointing_kwargs=settings)


def _check_quantization_possible(config: ModelConfig) -> None:
    name = "load_in_8bit" if config.load_in_8bit else "load_in_4bit"
    if not torch.cuda.is_available():
        raise ConfigError(f"{name} needs a CUDA GPU, and torch sees none: run on a GPU, or set {name} to false.")
    if importlib.util.find_spec("bitsandbytes") is None:
        raise ConfigError(f"{name} needs the package bitsandbytes, which is not installed: `pip install bitsandbytes`.")


def _quantization(config: ModelConfig) -> BitsAndBytesConfig:
    if config.load_in_8bit:
        return BitsAndBytesConfig(load_in_8bit=True)
    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
    )


def _base_of(source: Source) -> tuple[str, str | None]:
    found = adapter_config(source)
    return found.base_model_name_or_path or "", found.revision


def _read_tokenizer(source: Source, config: ModelConfig) -> PreTrainedTokenizerBase | None:
    """Return the tokenizer, or None when the files of `source` hold none.

    A folder with a model's configuration and no tokenizer files gives an empty tokenizer rather than an error, so the
    vocabulary is looked at: it must hold more than special tokens.
    """
    try:
        with only_cached(source):
            tokenizer = AutoTokenizer.from_pretrained(
                source.name, trust_remote_code=config.trust_remote_code, padding_side="left", **source.options()
            )
    except LOADING_ERRORS as error:
        if "trust_remote_code" in str(error):
            raise ModelError(_why_not_loaded(source, error)) from error
        return None
    return tokenizer if len(tokenizer) > len(set(tokenizer.all_special_ids)) else None


def _check_vocabulary(tokenizer: PreTrainedTokenizerBase, rows: int | None, name: str) -> None:
    largest = max(tokenizer.get_vocab().values())
    if rows is not None and largest >= rows:
        raise ModelError(
            f"The tokenizer of {name!r} knows token {largest}, but the model has {rows} embeddings: they do not belong "
            "together; set tokenizer_name_or_path to the model's own."
        )


def _ensure_pad_token(tokenizer: PreTrainedTokenizerBase, rows: int | None) -> None:
    if tokenizer.pad_token_id is not None:
        return
    if tokenizer.eos_token is not None:
        tokenizer.pad_token = tokenizer.eos_token
    elif rows is not None and len(tokenizer) < rows:
        tokenizer.add_special_tokens({"pad_token": "<pad>"})
    elif (stand_in := tokenizer.unk_token or tokenizer.bos_token) is not None:
        tokenizer.pad_token = stand_in
    else:
        raise ModelError(
            "The tokenizer has no pad, end, unknown or beginning token, and the model no spare embedding for one: "
            "add a pad token to the tokenizer and resize the model."
        )


def _configs(model: nn.Module) -> Iterator[Any]:
    """Yield the configuration of the model, of its adapters and of its parts."""
    todo = [model.config, *getattr(model, "peft_config", {}).values()]
    while todo:
        config = todo.pop()
        yield config
        todo += [part for part in vars(config).values() if hasattr(part, "model_type")]


def _zero_dropout_numbers(attributes: dict[str, Any]) -> None:
    for name, value in attributes.items():
        if ("drop" in name or name.endswith("_pdrop")) and isinstance(value, float):
            attributes[name] = 0.0
