"""ModelConfig: which language model, how large, in which precision, and what of it is trained. Imports no torch."""

from dataclasses import dataclass
from typing import Literal

from formalrl.errors import ConfigError, nearest

Architecture = Literal["gpt2", "gpt_neox", "llama"]


@dataclass(frozen=True)
class Shape:
    """The size of a fresh model."""

    architecture: Architecture
    num_layers: int
    hidden_size: int
    num_heads: int
    context_length: int | None
    """Positions the model has; None means that the task says how many it needs."""


PRESETS: dict[str, Shape] = {
    "tiny": Shape("gpt2", 1, 32, 2, None),
    "small": Shape("gpt2", 2, 128, 4, None),
    "medium": Shape("gpt2", 4, 256, 8, None),
    "gpt2": Shape("gpt2", 12, 768, 12, 1024),
    "pythia-70m": Shape("gpt_neox", 6, 512, 8, 2048),
    "pythia-160m": Shape("gpt_neox", 12, 768, 12, 2048),
    "pythia-410m": Shape("gpt_neox", 24, 1024, 16, 2048),
    "pythia-1.4b": Shape("gpt_neox", 24, 2048, 16, 2048),
}
"""Fresh models by name. The parameters counted in a name include the embeddings of the original vocabulary."""

DEFAULT_CONTEXT = 64
"""Context of a fresh model when neither the configuration, nor the preset, nor the task names one."""


@dataclass(frozen=True)
class ModelConfig:
    """The policy's model. A fresh one is made from `preset` and the overrides; a pretrained one keeps its own shape.

    Example: `ModelConfig(preset="small", num_layers=4)`.
    """

    preset: str = "small"
    """Fresh models only: one of PRESETS. "small" is 2 layers of width 128; "gpt2" is the full 124M configuration."""
    architecture: Architecture | None = None
    """Fresh models only: replaces the preset's architecture ("gpt2", "gpt_neox" or "llama")."""
    num_layers: int | None = None
    """Fresh models only: replaces the preset's number of layers."""
    hidden_size: int | None = None
    """Fresh models only: replaces the preset's width; a multiple of the number of heads."""
    num_heads: int | None = None
    """Fresh models only: replaces the preset's number of attention heads."""
    context_length: int | None = None
    """Fresh models only: positions of the model, in tokens; prompt and completion must fit. None takes the preset's,
    else what the task asks for, else 64."""
    initializer_range: float | None = None
    """Fresh models only: standard deviation of the initial weights; None takes the architecture's, 0.02. Small models
    learn faster from larger weights (0.08 at width 128)."""
    tie_word_embeddings: bool | None = None
    """Fresh models only: whether the output head is the input embedding; None takes the architecture's own."""
    vocab_multiple_of: int = 1
    """Fresh models only: round the embedding's rows up to a multiple; the extra ids are forbidden to the sampler."""
    tokenizer_name_or_path: str | None = None
    """Pretrained models only: where the tokenizer is, when it does not lie beside the model."""
    revision: str | None = None
    """Pretrained models only: branch, tag or commit on the Hugging Face hub. None takes the main branch."""
    trust_remote_code: bool = False
    """Pretrained models only: run Python code that comes with the model. Only for sources you trust."""
    dtype: Literal["auto", "float32", "bfloat16"] = "float32"
    """Precision of the stored weights; "auto" is the checkpoint's own (float32 for a fresh model). bfloat16 weights
    that are trained lose small updates: prefer float32 weights under autocast, or LoRA, whose adapter stays in
    float32."""
    load_in_8bit: bool = False
    """Quantize the frozen base to 8 bits with bitsandbytes; needs a CUDA GPU and `use_peft`."""
    load_in_4bit: bool = False
    """Quantize the frozen base to 4 bits (nf4) with bitsandbytes; needs a CUDA GPU and `use_peft`."""
    attn_implementation: str | None = None
    """Attention kernel, as transformers names it ("eager", "sdpa", "flash_attention_2"); None: its own choice."""
    gradient_checkpointing: bool = False
    """Recompute activations in the backward pass: less memory, about a third more computation."""
    use_peft: bool = False
    """Train a LoRA adapter on a frozen pretrained model; the reference then needs no second copy of it."""
    lora_r: int = 16
    """Rank of the adapter."""
    lora_alpha: int = 32
    """Scale of the adapter: its output is multiplied by lora_alpha / lora_r."""
    lora_dropout: float = 0.0
    """Must be 0 in reinforcement learning: dropout would make scored and sampled log-probabilities differ."""
    lora_target_modules: tuple[str, ...] = ("all-linear",)
    """Names of the layers that get an adapter; ("all-linear",) means every linear layer but the output head."""

    def check(self, *, fresh: bool) -> None:
        """Raise ConfigError for a combination that cannot work. `fresh`: no pretrained model is named."""
        if self.preset not in PRESETS:
            known = ", ".join(PRESETS)
            raise ConfigError(f"Unknown preset {self.preset!r}: take one of {known}.{nearest(self.preset, PRESETS)}")
        self._check_shape()
        self._check_quantization(fresh=fresh)
        self._check_lora(fresh=fresh)

    def shape(self, task_context: int | None = None) -> Shape:
        """Return the size of a fresh model: the preset with the overrides, and a context that the task may ask for."""
        preset = PRESETS[self.preset]
        return Shape(
            architecture=self.architecture or preset.architecture,
            num_layers=self.num_layers or preset.num_layers,
            hidden_size=self.hidden_size or preset.hidden_size,
            num_heads=self.num_heads or preset.num_heads,
            context_length=self.context_length or preset.context_length or task_context or DEFAULT_CONTEXT,
        )

    def _check_shape(self) -> None:
        for name in ("num_layers", "hidden_size", "num_heads", "context_length", "vocab_multiple_of"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ConfigError(f"{name} is {value!r}, but a model needs at least 1: set {name} to 1 or more.")
        if self.initializer_range is not None and not 0 < self.initializer_range < 1:
            raise ConfigError(
                f"initializer_range is {self.initializer_range!r}, but it is a standard deviation: set it in (0, 1)."
            )
        shape = self.shape()
        if shape.hidden_size % shape.num_heads:
            raise ConfigError(
                f"hidden_size {shape.hidden_size} is not divisible by num_heads {shape.num_heads}, and every head has "
                "the same width: change one of them."
            )
        if shape.architecture != "gpt2" and (shape.hidden_size // shape.num_heads) % 2:
            raise ConfigError(
                f"A head is {shape.hidden_size // shape.num_heads} wide, but the rotary positions of "
                f"{shape.architecture} need an even width: change hidden_size or num_heads."
            )

    def _check_quantization(self, *, fresh: bool) -> None:
        if not (self.load_in_8bit or self.load_in_4bit):
            return
        if self.load_in_8bit and self.load_in_4bit:
            raise ConfigError("load_in_8bit and load_in_4bit exclude each other: keep one.")
        name = "load_in_8bit" if self.load_in_8bit else "load_in_4bit"
        if fresh:
            raise ConfigError(f"{name} quantizes a pretrained model, and none is named: set model_name_or_path.")
        if not self.use_peft:
            raise ConfigError(
                f"{name} freezes the quantized weights, so nothing could be trained: set use_peft to true."
            )

    def _check_lora(self, *, fresh: bool) -> None:
        if not self.use_peft:
            return
        if fresh:
            raise ConfigError(
                "use_peft adapts a pretrained model, and a fresh one has nothing to keep: set model_name_or_path, or "
                "use_peft to false."
            )
        if self.lora_dropout != 0.0:
            raise ConfigError(
                f"lora_dropout is {self.lora_dropout!r}, but dropout makes scored and sampled log-probabilities "
                "differ: set it to 0."
            )
        if self.lora_r < 1 or not self.lora_target_modules:
            raise ConfigError(
                f"lora_r is {self.lora_r!r} and lora_target_modules {self.lora_target_modules!r}, but an adapter "
                "needs a rank of at least 1 and one layer: set both, or use_peft to false."
            )
