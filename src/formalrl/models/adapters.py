"""LoRA through peft: a new adapter on a pretrained model, or one that was saved."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, PeftConfig, PeftModel, get_peft_model, prepare_model_for_kbit_training
from safetensors import SafetensorError
from torch import nn
from transformers import PreTrainedModel

from formalrl.errors import ConfigError, ModelError
from formalrl.models.config import ModelConfig
from formalrl.models.hub import Source, first_line, only_cached


def add_lora(model: PreTrainedModel, config: ModelConfig, *, seed: int) -> PeftModel:
    """Return `model` frozen, under a new float32 adapter that changes nothing yet; the seed decides its weights."""
    targets = config.lora_target_modules
    lora = LoraConfig(
        task_type="CAUSAL_LM",
        revision=config.revision,
        r=config.lora_r,
        lora_alpha=config.lora_alpha,
        lora_dropout=config.lora_dropout,
        target_modules=targets[0] if targets == ("all-linear",) else list(targets),
        fan_in_fan_out=model.config.model_type == "gpt2",  # its layers store the transposed matrix
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        try:
            adapted: Any = get_peft_model(model, lora)
        except ValueError as error:
            layers = sorted(
                {name.rsplit(".", 1)[-1] for name, part in model.named_modules() if hasattr(part, "weight")}
            )
            raise ConfigError(
                f"lora_target_modules {targets!r} cannot be adapted - {first_line(error)} - take some of "
                f"{', '.join(layers)}, or all-linear."
            ) from error
    base = Path(model.config.name_or_path or "")
    if model.config.name_or_path and base.is_dir():  # a relative path would hold for this working directory alone
        lora.base_model_name_or_path = str(base.resolve())
    return adapted


def load_adapter(source: Source, load_base: Callable[[str, str | None], PreTrainedModel]) -> PeftModel:
    """Return the adapter at `source`, trainable, on its base model.

    Args:
        source: an adapter folder or repository.
        load_base: name and revision of a base model -> the model.
    """
    config = adapter_config(source)
    if not config.base_model_name_or_path:
        raise ModelError(
            f"The adapter {source.name!r} does not say which model it adapts: write base_model_name_or_path into its "
            "adapter_config.json."
        )
    try:
        base = load_base(config.base_model_name_or_path, config.revision)
    except ModelError as error:
        raise ModelError(f"The adapter {source.name!r} needs its base model. {error}") from error
    config.inference_mode = False
    try:
        with only_cached(source):
            return PeftModel.from_pretrained(base, source.name, is_trainable=True, config=config, **source.options())
    except (OSError, ValueError, RuntimeError, LookupError, SafetensorError) as error:
        raise ModelError(
            f"The adapter {source.name!r} cannot be loaded - {first_line(error)} - save it again, or correct its base "
            "model."
        ) from error


def adapter_config(source: Source) -> PeftConfig:
    """Return the settings of a saved adapter."""
    try:
        with only_cached(source):
            return PeftConfig.from_pretrained(source.name, **source.options())
    except (OSError, ValueError, TypeError, LookupError) as error:
        raise ModelError(
            f"The adapter {source.name!r} has no usable adapter_config.json - {first_line(error)} - save it again."
        ) from error


def is_adapted(model: nn.Module) -> bool:
    """Return whether `model` is a frozen base under a peft adapter."""
    return isinstance(model, PeftModel)


def prepare_quantized(model: PreTrainedModel) -> PreTrainedModel:
    """Return a quantized base, frozen, with its norms and other unquantized weights in float32."""
    return prepare_model_for_kbit_training(model, use_gradient_checkpointing=False)
