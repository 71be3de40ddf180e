"""Models from scratch: a seeded, randomly initialized causal LM of a given shape, and its task's tokenizer."""

import torch
from tokenizers import Tokenizer
from transformers import (
    AutoModelForCausalLM,
    GPT2Config,
    GPTNeoXConfig,
    LlamaConfig,
    PreTrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    PreTrainedTokenizerFast,
)

from formalrl.errors import ConfigError
from formalrl.models.config import DEFAULT_CONTEXT, ModelConfig, Shape

SPECIAL_TOKENS = {"bos_token": "<bos>", "eos_token": "<eos>", "pad_token": "<pad>"}


def wrap_tokenizer(tokenizer: Tokenizer, context_length: int | None = None) -> PreTrainedTokenizerFast:
    """Return a task's tokenizer as transformers saves and loads it, with `<bos>`, `<eos>`, `<pad>` (and `<unk>`, if
    any).

    Prompts are padded on the left. `context_length`, in tokens, is recorded as `model_max_length`.

    Raises:
        ConfigError: the vocabulary lacks one of the three special tokens.
    """
    missing = [token for token in SPECIAL_TOKENS.values() if tokenizer.token_to_id(token) is None]
    if missing:
        raise ConfigError(
            f"The task's tokenizer has no {', '.join(missing)}, which a fresh model needs to begin, end and pad texts: "
            "add them to its vocabulary."
        )
    special = dict(SPECIAL_TOKENS)
    if tokenizer.token_to_id("<unk>") is not None:
        special["unk_token"] = "<unk>"
    if context_length is not None:
        special["model_max_length"] = context_length  # type: ignore[assignment]
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, padding_side="left", clean_up_tokenization_spaces=False, **special
    )


def fresh_model(
    config: ModelConfig, tokenizer: PreTrainedTokenizerBase, *, seed: int, context_length: int | None = None
) -> PreTrainedModel:
    """Return a randomly initialized causal LM on the CPU; the same seed gives the same weights, whatever was drawn
    before.

    Args:
        config: the shape, `dtype` and `attn_implementation`.
        tokenizer: its size is the vocabulary (rounded up by `vocab_multiple_of`), its special tokens the model's.
        seed: of the initial weights alone; the global generator is left as it was.
        context_length: what the task needs, in tokens; the configuration and its preset come first.
    """
    config.check(fresh=True)
    shape = config.shape(context_length)
    rows = -(-len(tokenizer) // config.vocab_multiple_of) * config.vocab_multiple_of
    transformer = _transformer_config(shape, rows, tokenizer)
    for name in ("initializer_range", "tie_word_embeddings"):
        if getattr(config, name) is not None:
            setattr(transformer, name, getattr(config, name))
    options = {} if config.attn_implementation is None else {"attn_implementation": config.attn_implementation}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        try:
            model = AutoModelForCausalLM.from_config(transformer, **options)
        except (ValueError, ImportError) as error:
            raise ConfigError(
                f"A fresh {shape.architecture} model cannot be made - {str(error).splitlines()[0]} - change the model "
                "section."
            ) from error
    return model.to(torch.bfloat16) if config.dtype == "bfloat16" else model.float()


def _transformer_config(shape: Shape, vocab_size: int, tokenizer: PreTrainedTokenizerBase) -> PreTrainedConfig:
    """Return the architecture's own configuration, without dropout."""
    special = {
        "vocab_size": vocab_size,
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }
    positions = shape.context_length or DEFAULT_CONTEXT
    if shape.architecture == "gpt2":
        return GPT2Config(
            n_layer=shape.num_layers,
            n_embd=shape.hidden_size,
            n_head=shape.num_heads,
            n_positions=positions,
            resid_pdrop=0.0,
            embd_pdrop=0.0,
            attn_pdrop=0.0,
            activation_function="gelu_pytorch_tanh",  # the same function as gelu_new, in one kernel instead of eight
            **special,
        )
    wide = {
        "num_hidden_layers": shape.num_layers,
        "hidden_size": shape.hidden_size,
        "num_attention_heads": shape.num_heads,
        "max_position_embeddings": positions,
        **special,
    }
    if shape.architecture == "gpt_neox":
        return GPTNeoXConfig(intermediate_size=4 * shape.hidden_size, **wide)
    gated = -(-8 * shape.hidden_size // 3 // 16) * 16  # three matrices of 8/3 the width cost what two of 4 do
    return LlamaConfig(intermediate_size=gated, **wide)
