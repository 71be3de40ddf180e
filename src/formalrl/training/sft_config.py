"""SFTConfig: how the supervised warm start trains. Imports no torch."""

from dataclasses import dataclass
from typing import Literal

from formalrl.errors import ConfigError


@dataclass(frozen=True)
class SFTConfig:
    """How the warm start is trained. The learning rate suits a fresh model; for a pretrained one take about 2e-5.

    Example: `SFTConfig(num_examples=256, learning_rate=1e-3)`.
    """

    num_examples: int = 256
    """Solved examples asked of the task; 0 means no warm start."""
    num_epochs: int = 1
    """Passes over the examples, each in an order of its own."""
    batch_size: int = 16
    """Examples of one update; the last update of an epoch may have fewer."""
    micro_batch_size: int | None = None
    """Examples of one forward pass, to save memory; changes no gradient. None takes the whole batch at once."""
    learning_rate: float = 1e-3
    """Peak of the learning rate."""
    lr_scheduler_type: Literal["linear", "cosine", "constant"] = "linear"
    """How the learning rate falls to 0 after the warm-up, over all updates."""
    warmup_ratio: float = 0.1
    """Fraction of the updates over which the learning rate rises from 0 to its peak."""
    weight_decay: float = 0.0
    """AdamW's decay, on matrices only (not on biases and norms)."""
    max_grad_norm: float = 1.0
    """Gradients longer than this are scaled down to it."""
    loss_on: Literal["completion", "text"] = "completion"
    """Which tokens are learned: the completion alone, or prompt and completion."""
    bf16: bool = False
    """Compute in bfloat16 under autocast; weights and loss stay in float32."""

    def check(self) -> None:
        """Raise ConfigError for values that cannot work."""
        for name, least in (("num_examples", 0), ("num_epochs", 1), ("batch_size", 1), ("micro_batch_size", 1)):
            value = getattr(self, name)
            if value is not None and value < least:
                raise ConfigError(f"warm_start.{name} is {value!r}, but must be at least {least}: correct it.")
        if not self.learning_rate > 0 or not self.max_grad_norm > 0:
            raise ConfigError(
                f"warm_start.learning_rate is {self.learning_rate!r} and warm_start.max_grad_norm "
                f"{self.max_grad_norm!r}, "
                "but with 0 or less nothing is learned: set both above 0, or num_examples to 0 for no warm start."
            )
        if not 0 <= self.warmup_ratio <= 1:
            raise ConfigError(
                f"warm_start.warmup_ratio is {self.warmup_ratio!r}, but is a fraction: set it between 0 and 1."
            )
