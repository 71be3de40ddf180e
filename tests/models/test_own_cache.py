"""Models whose attention cannot be replaced are sampled with their own cache, and left as they were."""

import pytest
import torch
from transformers import AutoModelForCausalLM, MistralConfig

from formalrl.models.own_cache import OwnCacheDecoder
from formalrl.models.policy import Policy
from formalrl.sampling import NoiseKey
from formalrl.sampling.eager import Eager
from formalrl.sampling.fast import Fast
from formalrl.sampling.rule import SamplingRule

torch.set_num_threads(1)


@pytest.fixture
def sliding_policy():
    torch.manual_seed(0)
    config = MistralConfig(
        vocab_size=37, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
        intermediate_size=48, sliding_window=4, bos_token_id=0, eos_token_id=0, initializer_range=0.2,
    )  # fmt: skip
    return Policy(AutoModelForCausalLM.from_config(config))


def test_a_sliding_window_model_samples_as_eager(sliding_policy):
    arguments = (
        sliding_policy,
        [[1, 2, 3], [4, 5, 6, 7, 8, 9]],
        4,
        SamplingRule(10, eos_token_ids=(0, 1, 2)),
        NoiseKey(1, 2),
    )
    eager, fast = Eager().sample(*arguments), Fast().sample(*arguments)
    assert eager.completion_ids.equal(fast.completion_ids)
    torch.testing.assert_close(eager.logprobs, fast.logprobs, atol=1e-4, rtol=0)


@torch.no_grad()
def test_training_mode_and_checkpointing_come_through(tiny_policy):
    policy = tiny_policy("gpt2")
    policy.train()
    policy.model.transformer.h[0].eval()
    policy.model.gradient_checkpointing_enable()
    modes = [module.training for module in policy.modules()]
    decoder = OwnCacheDecoder(policy, [[1, 2, 3]], torch.tensor([0, 0]))
    decoder.prompt_logits()
    said = decoder.step(torch.tensor([4, 5]))
    expected = policy.model(input_ids=torch.tensor([[1, 2, 3, 5]])).logits[0, -1]
    torch.testing.assert_close(said[1], expected, atol=2e-5, rtol=1e-4)
    assert [module.training for module in policy.modules()] == modes
