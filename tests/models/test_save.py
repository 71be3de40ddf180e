"""Saved folders: transformers loads them alone, an adapter can be merged, and the value head comes along."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from formalrl.errors import CheckpointError, ConfigError
from formalrl.models.config import ModelConfig
from formalrl.models.load import load_model, load_tokenizer
from formalrl.models.policy import Policy
from formalrl.models.save import VALUE_HEAD, load_value_head, save_merged, save_pretrained

Folder = Callable[..., Path]
IDS = torch.arange(5, 25).view(2, -1)


def _trained(folder: Path, config: ModelConfig, *, with_value_head: bool = False) -> Policy:
    policy = Policy(load_model(str(folder), config), with_value_head=with_value_head)
    torch.manual_seed(1)
    with torch.no_grad():
        for parameter in policy.parameters():
            if parameter.requires_grad:
                parameter.add_(0.05 * torch.randn_like(parameter))
    return policy


@pytest.mark.parametrize("architecture", ["gpt2", "gpt_neox", "llama"])
def test_transformers_loads_the_folder_alone(hub_folder: Folder, tmp_path: Path, architecture: str) -> None:
    folder = hub_folder(architecture)
    policy = _trained(folder, ModelConfig(), with_value_head=True)
    save_pretrained(policy, load_tokenizer(str(folder)), tmp_path / "saved")
    again = AutoModelForCausalLM.from_pretrained(tmp_path / "saved")
    torch.testing.assert_close(again(IDS).logits, policy.model(IDS).logits, rtol=0, atol=0)
    words = AutoTokenizer.from_pretrained(tmp_path / "saved")
    assert words.encode("What is 5 ?") == load_tokenizer(str(folder)).encode("What is 5 ?")
    assert words.pad_token is not None and words.padding_side == "left"


def test_the_value_head_comes_along(hub_folder: Folder, tmp_path: Path) -> None:
    folder = hub_folder("gpt2")
    policy = _trained(folder, ModelConfig(), with_value_head=True)
    save_pretrained(policy, load_tokenizer(str(folder)), tmp_path / "saved")
    again = Policy(load_model(str(tmp_path / "saved"), ModelConfig()), with_value_head=True)
    assert load_value_head(again, tmp_path / "saved") is True
    assert policy.value_head is not None and again.value_head is not None
    assert torch.equal(again.value_head.weight, policy.value_head.weight) and again.value_head.weight.any()
    assert load_value_head(again, folder) is False
    assert load_value_head(Policy(again.model), tmp_path / "saved") is False
    (tmp_path / "saved" / VALUE_HEAD).write_bytes(b"torn")
    with pytest.raises(CheckpointError, match="cannot be loaded") as caught:
        load_value_head(again, tmp_path / "saved")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("architecture", ["gpt2", "gpt_neox", "llama"])
def test_a_merged_adapter_stands_alone(hub_folder: Folder, tmp_path: Path, architecture: str) -> None:
    folder = hub_folder(architecture)
    policy = _trained(folder, ModelConfig(use_peft=True, lora_r=2))
    logits = policy.model(IDS).logits.detach()
    plain = AutoModelForCausalLM.from_pretrained(folder)(IDS).logits
    assert (logits - plain).abs().max() > 0.1
    save_merged(policy, load_tokenizer(str(folder)), tmp_path / "merged")
    assert not (tmp_path / "merged" / "adapter_config.json").exists()
    again = AutoModelForCausalLM.from_pretrained(tmp_path / "merged")
    torch.testing.assert_close(again(IDS).logits, logits, rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(policy.model(IDS).logits, logits, rtol=0, atol=0, msg="the policy must stay as it is")


def test_a_quantized_base_is_not_merged(hub_folder: Folder, tmp_path: Path) -> None:
    folder = hub_folder("gpt2")
    policy = _trained(folder, ModelConfig(use_peft=True))
    policy.base.is_loaded_in_4bit = True
    with pytest.raises(ConfigError, match="round the adapter away"):
        save_merged(policy, load_tokenizer(str(folder)), tmp_path / "merged")
