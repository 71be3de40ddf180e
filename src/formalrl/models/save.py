"""A policy in a folder: what transformers (and peft) load without formalrl, and the value head beside it."""

import copy
from pathlib import Path
from typing import TYPE_CHECKING

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from transformers import PreTrainedTokenizerBase

from formalrl.errors import CheckpointError, ConfigError
from formalrl.models.adapters import is_adapted
from formalrl.models.hub import first_line, no_progress_bars

if TYPE_CHECKING:
    from formalrl.models.policy import Policy

VALUE_HEAD = "value_head.safetensors"


def save_pretrained(policy: "Policy", tokenizer: PreTrainedTokenizerBase, folder: Path | str) -> None:
    """Write model, tokenizer and value head; `AutoModelForCausalLM` and `AutoTokenizer` load the folder by themselves.

    Under LoRA the adapter alone is written, with the name of its base (transformers then needs peft and the base; see
    `save_merged` for a model that stands alone). Dropout probabilities are written as they are in RL, as 0.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    if is_adapted(policy.model):
        # The embeddings are frozen; "auto" would ask the hub whether the base's vocabulary was resized.
        policy.model.save_pretrained(str(folder), save_embedding_layers=False)  # type: ignore[operator]
    else:
        with no_progress_bars():
            policy.model.save_pretrained(str(folder))  # type: ignore[operator]
    tokenizer.save_pretrained(str(folder))
    if policy.value_head is not None:
        tensors = {name: value.detach().cpu().contiguous() for name, value in policy.value_head.state_dict().items()}
        save_file(tensors, str(folder / VALUE_HEAD))


def save_merged(policy: "Policy", tokenizer: PreTrainedTokenizerBase, folder: Path | str) -> None:
    """Write the base with the adapter added to its weights, as a plain model; the policy is left as it is.

    A second copy of the model is made in memory. Without an adapter, the same as `save_pretrained` less the value head.

    Raises:
        ConfigError: the base is quantized, so that the sum would be rounded.
    """
    model = policy.model
    if is_adapted(model):
        if getattr(model, "is_loaded_in_8bit", False) or getattr(model, "is_loaded_in_4bit", False):
            raise ConfigError(
                "The base model is quantized, and adding the adapter to it would round the adapter away: load the "
                "adapter again without load_in_8bit and load_in_4bit, and merge then."
            )
        model = copy.deepcopy(model).merge_and_unload()  # type: ignore[operator]
    Path(folder).mkdir(parents=True, exist_ok=True)
    with no_progress_bars():
        model.save_pretrained(str(folder))  # type: ignore[operator]
    tokenizer.save_pretrained(str(folder))


def load_value_head(policy: "Policy", folder: Path | str) -> bool:
    """Load the value head saved in `folder` into the policy's; return False when one of the two does not exist.

    Raises:
        CheckpointError: the file is damaged or belongs to a model of another width.
    """
    file = Path(folder) / VALUE_HEAD
    if policy.value_head is None or not file.is_file():
        return False
    try:
        policy.value_head.load_state_dict(load_file(str(file)))
    except (SafetensorError, OSError, RuntimeError) as error:
        raise CheckpointError(
            f"The value head {str(file)!r} cannot be loaded - {first_line(error)} - delete it to start with a new "
            "one, or take another checkpoint."
        ) from error
    return True
