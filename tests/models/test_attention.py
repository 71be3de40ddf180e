"""Only full causal attention is replaced, and only for as long as asked."""

import pytest
import torch
from transformers import AutoModelForCausalLM, GPT2Config, MistralConfig

from formalrl.models.attention import NAME, can_plug_in, plugged_in


@pytest.mark.parametrize("architecture", ["gpt2", "gpt_neox", "llama"])
def test_full_causal_attention_can_be_replaced(tiny_policy, architecture):
    assert can_plug_in(tiny_policy(architecture).base)


def sliding_model(window):
    config = MistralConfig(
        vocab_size=37, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
        intermediate_size=48, sliding_window=window, bos_token_id=0, eos_token_id=0, initializer_range=0.2,
    )  # fmt: skip
    torch.manual_seed(0)
    return AutoModelForCausalLM.from_config(config)


def test_sliding_windows_cannot():
    assert not can_plug_in(sliding_model(4))
    assert can_plug_in(sliding_model(None))


def test_cross_attention_cannot():
    config = GPT2Config(
        n_layer=1, n_embd=8, n_head=1, vocab_size=9, add_cross_attention=True, bos_token_id=0, eos_token_id=0
    )
    assert not can_plug_in(AutoModelForCausalLM.from_config(config))


def test_the_models_own_attention_comes_back(tiny_policy):
    model = tiny_policy("llama").base
    before = model.config._attn_implementation
    with pytest.raises(KeyError), plugged_in(model):
        assert model.config._attn_implementation == NAME
        raise KeyError
    assert model.config._attn_implementation == before
