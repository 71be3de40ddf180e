"""The settings that `step.py` and `sampler.py` time: model, prompts, group size, lengths; and a task of that size."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from tokenizers import Tokenizer, models, pre_tokenizers

from formalrl.types import Prompt

END = "<eos>"


@dataclass(frozen=True)
class Setting:
    """One comparison: a step samples `num_completions` completions of exactly `completion_length` tokens."""

    description: str
    model: dict[str, Any]
    """Overrides of formalrl's ModelConfig."""
    vocab_size: int
    num_prompts: int
    num_generations: int
    prompt_length: int
    completion_length: int

    @property
    def num_completions(self) -> int:
        """Completions a step."""
        return self.num_prompts * self.num_generations


SETTINGS = {
    "short": Setting(
        "24-token prompts, one-token answers, groups of 64, GPT-2 of 2 layers and width 128",
        {"preset": "small", "context_length": 64},
        128, 8, 64, 24, 1,
    ),
    "long": Setting(
        "512-token prompts, 64-token completions, groups of 8, GPT-NeoX of 4.2M parameters",
        {"architecture": "gpt_neox", "num_layers": 5, "hidden_size": 256, "num_heads": 8, "context_length": 1024},
        512, 4, 8, 512, 64,
    ),
    "smoke": Setting(
        "tiny, to see that the benchmark runs",
        {"preset": "tiny", "context_length": 32},
        32, 2, 4, 8, 4,
    ),
}  # fmt: skip


def words(setting: Setting) -> list[str]:
    """Return the vocabulary: special tokens, then `w3`, `w4`, ..."""
    return ["<pad>", "<bos>", END, *(f"w{i}" for i in range(3, setting.vocab_size))]


def even_share(completion: str) -> float:
    """Return the share of words with an even number: a reward that costs nothing."""
    found = completion.split()
    return sum(word[1:].isdigit() and int(word[1:]) % 2 == 0 for word in found) / max(1, len(found))


@dataclass(frozen=True)
class RandomWords:
    """Prompts of random words, all of one length; the reward is `even_share`."""

    setting: Setting

    def train_prompts(self) -> Sequence[Prompt]:
        """Return 256 prompts; a `<bos>` is put before each by the tokenizer."""
        draw = random.Random(0)
        vocabulary = words(self.setting)[3:]
        length = self.setting.prompt_length
        return [Prompt(" ".join(draw.choices(vocabulary, k=length))) for _ in range(256)]

    def eval_prompts(self) -> Sequence[Prompt]:
        """Return the first two."""
        return self.train_prompts()[:2]

    def reward(self, prompt: str, completion: str, **columns: Any) -> float:
        """Return `even_share`."""
        return even_share(completion)

    def tokenizer(self) -> Tokenizer:
        """Return a token per word."""
        tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words(self.setting))}, unk_token=END))
        tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
        return tokenizer


def make_engine(setting: Setting, **settings: Any) -> Any:
    """Return an engine whose completions never end early, like those of the other side."""
    import dataclasses

    from formalrl.config import TrainConfig
    from formalrl.models.config import ModelConfig
    from formalrl.runtime import Runtime
    from formalrl.training.build import build_engine, load

    task = RandomWords(setting)
    config = TrainConfig(
        task=task,
        model=ModelConfig(**setting.model),
        prompts_per_step=setting.num_prompts,
        num_generations=setting.num_generations,
        max_completion_length=setting.completion_length,
        learning_rate=1e-6,
        max_steps=1_000_000,
        **settings,
    )
    runtime = Runtime.start()
    loaded = load(config, task, None, runtime.device)
    engine = build_engine(config, task, loaded, runtime, warm_started=False)
    end = loaded.tokenizer.convert_tokens_to_ids(END)
    forbidden = tuple(sorted({*engine.rule.forbidden_token_ids, end}))
    return dataclasses.replace(
        engine, rule=dataclasses.replace(engine.rule, eos_token_ids=(), forbidden_token_ids=forbidden)
    )


def synchronize() -> None:
    """Wait for the device."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()
