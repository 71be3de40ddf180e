"""LoRA adapters: what is trained, that nothing changes at first, and adapters that cannot be used."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn
from transformers import AutoModelForCausalLM

from formalrl.errors import ConfigError, ModelError
from formalrl.models.adapters import is_adapted
from formalrl.models.config import ModelConfig
from formalrl.models.load import load_model, load_tokenizer
from formalrl.models.policy import Policy
from formalrl.models.save import save_pretrained

Folder = Callable[..., Path]
IDS = torch.arange(5, 17).view(1, -1)
LORA = ModelConfig(use_peft=True, lora_r=2, lora_alpha=4)


def _train_a_little(model: nn.Module) -> None:
    optimizer = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.5)
    for _ in range(2):
        model(IDS, labels=IDS).loss.backward()
        optimizer.step()
        optimizer.zero_grad()


@pytest.mark.parametrize("architecture", ["gpt2", "gpt_neox", "llama"])
def test_only_the_adapter_and_the_value_head_are_trained(hub_folder: Folder, architecture: str) -> None:
    folder = str(hub_folder(architecture))
    model = load_model(folder, LORA)
    plain = AutoModelForCausalLM.from_pretrained(folder).eval()
    assert is_adapted(model) and not is_adapted(plain)
    torch.testing.assert_close(model(IDS).logits, plain(IDS).logits, rtol=0, atol=0)
    trained = {name for name, p in Policy(model, with_value_head=True).named_parameters() if p.requires_grad}
    assert trained and all("lora_" in name or name.startswith("value_head") for name in trained)
    assert any("mlp" in name for name in trained), "all-linear adapts more than attention"
    before = {name: p.clone() for name, p in model.named_parameters()}
    _train_a_little(model)
    changed = {name for name, p in model.named_parameters() if not torch.equal(p, before[name])}
    assert changed == {name for name, p in model.named_parameters() if p.requires_grad}


def test_the_seed_decides_the_adapter(hub_folder: Folder) -> None:
    folder = str(hub_folder("llama"))
    first, second, third = (load_model(folder, LORA, seed=seed) for seed in (1, 1, 2))
    flat = [torch.cat([p.flatten() for p in m.parameters() if p.requires_grad]) for m in (first, second, third)]
    assert torch.equal(flat[0], flat[1]) and not torch.equal(flat[0], flat[2])


def test_the_adapter_of_a_bfloat16_base_is_float32(hub_folder: Folder) -> None:
    model = load_model(str(hub_folder("llama")), ModelConfig(use_peft=True, dtype="bfloat16"))
    assert {p.dtype for p in model.parameters() if p.requires_grad} == {torch.float32}
    assert {p.dtype for p in model.parameters() if not p.requires_grad} == {torch.bfloat16}


def test_a_saved_adapter_goes_on(hub_folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = hub_folder("gpt2")
    monkeypatch.chdir(folder.parent)
    model = load_model(folder.name, LORA)  # a relative name, which must not depend on where the adapter is loaded
    _train_a_little(model)
    save_pretrained(Policy(model), load_tokenizer(folder.name, model=model), tmp_path / "adapter")
    assert not (tmp_path / "adapter" / "model.safetensors").exists()
    (tmp_path / "away").mkdir()
    monkeypatch.chdir(tmp_path / "away")
    for config in (LORA, ModelConfig()):  # the folder says by itself that it is an adapter
        again = load_model(str(tmp_path / "adapter"), config)
        assert is_adapted(again) and any(p.requires_grad for p in again.parameters())
        torch.testing.assert_close(again(IDS).logits, model(IDS).logits, rtol=0, atol=0)
    alone = AutoModelForCausalLM.from_pretrained(tmp_path / "adapter")
    torch.testing.assert_close(alone(IDS).logits, model(IDS).logits)
    (tmp_path / "adapter" / "tokenizer.json").unlink()
    (tmp_path / "adapter" / "tokenizer_config.json").unlink()
    assert len(load_tokenizer(str(tmp_path / "adapter"))) == len(load_tokenizer(str(folder)))


def test_adapters_that_cannot_be_used_say_why(hub_folder: Folder, tmp_path: Path) -> None:
    folder = hub_folder("llama")
    with pytest.raises(ConfigError, match=r"lora_target_modules .*nowhere.* take some of .*q_proj"):
        load_model(str(folder), ModelConfig(use_peft=True, lora_target_modules=("nowhere",)))
    model = load_model(str(folder), LORA)
    save_pretrained(Policy(model), load_tokenizer(str(folder)), tmp_path / "adapter")
    file = tmp_path / "adapter" / "adapter_config.json"
    settings = json.loads(file.read_text())
    file.write_text(json.dumps({**settings, "base_model_name_or_path": str(tmp_path / "gone")}))
    with pytest.raises(ModelError, match=r"needs its base model\. There is no folder"):
        load_model(str(tmp_path / "adapter"), ModelConfig())
    file.write_text(json.dumps({**settings, "base_model_name_or_path": None}))
    with pytest.raises(ModelError, match="does not say which model it adapts"):
        load_model(str(tmp_path / "adapter"), ModelConfig())
    file.write_text(json.dumps({**settings, "peft_type": "NOPE"}))
    with pytest.raises(ModelError, match="no usable adapter_config") as caught:
        load_model(str(tmp_path / "adapter"), ModelConfig())
    assert "\n" not in str(caught.value)
