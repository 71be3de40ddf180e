"""One thread, no network, quick properties; tests that need what is absent are skipped with the reason."""

import os
import random
import shutil
from collections.abc import Callable
from typing import Any

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch is imported
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ.setdefault("MPLBACKEND", "Agg")
if not os.environ.get("FORMALRL_NETWORK"):
    os.environ.setdefault("HF_HUB_OFFLINE", "1")

try:
    from hypothesis import settings

    settings.register_profile("quick", max_examples=30, deadline=None)
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))
except ImportError:
    pass


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip tests whose marker names something that this machine lacks."""
    checks = {
        "gpu": (_has_gpu, "needs a CUDA device"),
        "java": (lambda: shutil.which("java") is not None, "needs a Java runtime"),
        "network": (lambda: bool(os.environ.get("FORMALRL_NETWORK")), "needs the hub: set FORMALRL_NETWORK=1"),
    }
    present: dict[str, bool] = {}
    for item in items:
        for marker, (check, reason) in checks.items():
            if item.get_closest_marker(marker):
                present.setdefault(marker, check())
                if not present[marker]:
                    item.add_marker(pytest.mark.skip(reason=reason))


def _has_gpu() -> bool:
    import torch

    return torch.cuda.is_available()


@pytest.fixture
def write_at_random() -> Callable[..., list[int]]:
    """`write_at_random(grammar, prompt, limit, end, chance)` -> tokens that a grammar permits, before the end token."""

    def write(grammar: Any, prompt: Any, limit: int, end: int, chance: random.Random) -> list[int]:
        state, ids = grammar.start(prompt), []
        while len(ids) < limit:
            token = chance.choice(grammar.permitted([state], [limit - len(ids)])[0].nonzero()[0].tolist())
            if token == end:
                break
            ids.append(token)
            state = grammar.advance(state, token)
        return ids

    return write


@pytest.fixture
def tiny_policy() -> Callable[..., Any]:
    """`tiny_policy("llama", with_value_head=True)` -> a random policy of 37 tokens, weights large enough to matter."""

    def build(architecture: str, *, with_value_head: bool = False, vocab_size: int = 37) -> Any:
        import torch
        from transformers import AutoModelForCausalLM, GPT2Config, GPTNeoXConfig, LlamaConfig

        from formalrl.models.policy import Policy

        torch.manual_seed(0)
        ends = {"bos_token_id": 0, "eos_token_id": 0, "vocab_size": vocab_size}
        shape = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "max_position_embeddings": 64}
        off = {"attention_dropout": 0.0, "intermediate_size": 48}
        dropout = {"resid_pdrop": 0.0, "embd_pdrop": 0.0, "attn_pdrop": 0.0}
        config = {
            "gpt2": lambda: GPT2Config(**shape, **dropout, **ends, initializer_range=0.3),
            "gpt_neox": lambda: GPTNeoXConfig(**shape, **off, **ends, hidden_dropout=0.0, initializer_range=0.2),
            "llama": lambda: LlamaConfig(**shape, **off, **ends, num_key_value_heads=2, initializer_range=0.2),
        }[architecture]()
        policy = Policy(AutoModelForCausalLM.from_config(config), with_value_head=with_value_head)
        if policy.value_head is not None:
            torch.nn.init.normal_(policy.value_head.weight)
        return policy

    return build


@pytest.fixture
def random_batch() -> Callable[..., Any]:
    """`random_batch([3, 7], [4, 1], [6, 1, 3, 2, 5])`: prompt lengths, group sizes, completion lengths."""

    def build(prompts: list[int], groups: list[int], lengths: list[int], columns: int | None = None) -> Any:
        import torch

        from formalrl.batch import Batch

        generator = torch.Generator().manual_seed(1)
        longest, columns = max(prompts), columns or max(lengths)
        mask = (torch.arange(columns) < torch.tensor(lengths).unsqueeze(1)).float()
        return Batch(
            prompt_ids=torch.randint(0, 37, (len(prompts), longest), generator=generator),
            prompt_mask=torch.tensor([[0.0] * (longest - n) + [1.0] * n for n in prompts]),
            prompt_index=torch.arange(len(prompts)).repeat_interleave(torch.tensor(groups)),
            completion_ids=torch.randint(0, 37, mask.shape, generator=generator),
            mask=mask,
            old_logprobs=torch.zeros_like(mask),
            rewards=torch.zeros(len(lengths)),
        )

    return build
