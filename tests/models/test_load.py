"""Pretrained models and tokenizers: what loads, what is refused and why, and that no dropout is left."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer, models
from torch import nn
from transformers import (
    AutoModelForCausalLM,
    BertConfig,
    BertForMaskedLM,
    GPT2LMHeadModel,
    PreTrainedTokenizerFast,
    T5Config,
    T5ForConditionalGeneration,
)

from formalrl.errors import ConfigError, ModelError
from formalrl.models.config import ModelConfig
from formalrl.models.load import context_length, disable_dropout, embedding_rows, load_model, load_tokenizer

ARCHITECTURES = ["gpt2", "gpt_neox", "llama"]
Folder = Callable[..., Path]


def _refused(name: str | Path, config: ModelConfig | None = None) -> str:
    with pytest.raises(ModelError) as caught:
        load_model(str(name), config or ModelConfig())
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_loaded_model_trains_without_dropout(hub_folder: Folder, architecture: str) -> None:
    folder = hub_folder(architecture, dropout=0.5)
    ids = torch.randint(5, 50, (2, 12), generator=torch.Generator().manual_seed(0))
    noisy = AutoModelForCausalLM.from_pretrained(folder).train()
    assert not torch.equal(noisy(ids).logits, noisy(ids).logits), "the test needs a model that has dropout"
    model = load_model(str(folder), ModelConfig())
    assert model.training
    torch.testing.assert_close(model(ids).logits, noisy.eval()(ids).logits)
    torch.testing.assert_close(model(ids).logits, model(ids).logits, rtol=0, atol=0)
    assert context_length(model) == 64


def test_disable_dropout_reaches_modules_numbers_and_configurations() -> None:
    class Layer(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.attention_dropout = 0.3
            self.drop = nn.Dropout1d(0.2)
            self.dropout_rate_name = "unchanged"

    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.config = BertConfig(hidden_dropout_prob=0.4)
            self.config.text = BertConfig(attention_probs_dropout_prob=0.6)
            self.layers = nn.ModuleList([Layer()])

    model = Model()
    disable_dropout(model)
    layer = model.layers[0]
    assert isinstance(layer, Layer) and layer.attention_dropout == 0.0 and layer.drop.p == 0.0
    assert layer.dropout_rate_name == "unchanged"
    assert model.config.hidden_dropout_prob == 0.0 and model.config.text.attention_probs_dropout_prob == 0.0


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_gradient_checkpointing_changes_no_gradient(hub_folder: Folder, architecture: str) -> None:
    folder = str(hub_folder(architecture))
    ids = torch.arange(5, 17).view(1, -1)
    gradients = []
    for checkpointing in (False, True):
        model = load_model(folder, ModelConfig(gradient_checkpointing=checkpointing))
        assert any(getattr(part, "gradient_checkpointing", False) for part in model.modules()) is checkpointing
        model(ids, labels=ids).loss.backward()
        gradients.append(torch.cat([p.grad.flatten() for p in model.parameters() if p.grad is not None]))
    torch.testing.assert_close(gradients[0], gradients[1])


def test_weights_have_the_precision_asked_for(hub_folder: Folder) -> None:
    folder = hub_folder("llama")
    assert next(load_model(str(folder), ModelConfig(dtype="bfloat16")).parameters()).dtype == torch.bfloat16
    AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16).save_pretrained(folder)
    assert next(load_model(str(folder), ModelConfig(dtype="auto")).parameters()).dtype == torch.bfloat16
    assert next(load_model(str(folder), ModelConfig()).parameters()).dtype == torch.float32


def test_missing_and_damaged_weights_are_refused(hub_folder: Folder) -> None:
    folder = hub_folder("gpt2")
    file = folder / "model.safetensors"
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])
    assert "its weights file is damaged" in _refused(folder)
    file.write_bytes(content)
    tensors = load_file(file)
    del tensors["transformer.h.0.mlp.c_fc.weight"]
    save_file(tensors, file, metadata={"format": "pt"})
    assert "lacks 1 of the model's weights (transformer.h.0.mlp.c_fc.weight)" in _refused(folder)
    file.unlink()
    assert "its weights are missing" in _refused(folder)


def test_weights_as_the_oldest_repositories_keep_them(hub_folder: Folder) -> None:
    """`gpt2` names its tensors without `transformer.` and keeps its masks; others have pickled weights only."""
    folder = hub_folder("gpt2")
    ids = torch.randint(5, 50, (2, 12), generator=torch.Generator().manual_seed(0))
    expected = load_model(str(folder), ModelConfig())(ids).logits
    whole = load_file(folder / "model.safetensors")
    bare = {name.removeprefix("transformer."): tensor for name, tensor in whole.items() if name != "lm_head.weight"}
    masks = {"h.0.attn.bias": torch.ones(1, 1, 64, 64), "h.0.attn.masked_bias": torch.tensor(-1e4)}
    save_file(bare | masks, folder / "model.safetensors", {"format": "pt"})
    torch.testing.assert_close(load_model(str(folder), ModelConfig())(ids).logits, expected)
    (folder / "model.safetensors").unlink()
    torch.save(whole | masks, folder / "pytorch_model.bin")
    torch.testing.assert_close(load_model(str(folder), ModelConfig())(ids).logits, expected)


def test_models_that_do_not_continue_text_are_refused(tmp_path: Path) -> None:
    T5ForConditionalGeneration(
        T5Config(num_layers=1, d_model=16, d_ff=16, d_kv=8, num_heads=2, vocab_size=40)
    ).save_pretrained(tmp_path / "t5")
    assert "is not a causal language model" in _refused(tmp_path / "t5")
    bert = BertConfig(
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        vocab_size=40,
        initializer_range=0.5,
    )
    BertForMaskedLM(bert).save_pretrained(tmp_path / "bert")
    assert "its predictions change with later tokens" in _refused(tmp_path / "bert")


def test_unknown_architectures_kernels_and_foreign_code_are_refused(hub_folder: Folder, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "weird"}')
    assert "model type `weird`" in _refused(tmp_path)
    (tmp_path / "config.json").write_text(
        json.dumps({"model_type": "weird", "auto_map": {"AutoConfig": "code.C", "AutoModelForCausalLM": "code.M"}})
    )
    assert "set trust_remote_code to true" in _refused(tmp_path)
    assert "nonsense" in _refused(hub_folder("gpt2"), ModelConfig(attn_implementation="nonsense"))


def test_quantization_without_a_gpu_is_a_setting_that_cannot_work(
    hub_folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ConfigError, match="load_in_4bit needs a CUDA GPU"):
        load_model(str(hub_folder("llama")), ModelConfig(load_in_4bit=True, use_peft=True))


@pytest.mark.gpu
@pytest.mark.parametrize("setting", ["load_in_8bit", "load_in_4bit"])
def test_a_quantized_base_trains_its_adapter(hub_folder: Folder, setting: str) -> None:
    pytest.importorskip("bitsandbytes")
    config = ModelConfig(use_peft=True, **{setting: True})  # type: ignore[arg-type]
    model = load_model(str(hub_folder("llama")), config, device="cuda:0")
    ids = torch.arange(5, 17, device="cuda:0").view(1, -1)
    model(ids, labels=ids).loss.backward()
    assert all(("lora" in name) == (p.grad is not None) for name, p in model.named_parameters())


def test_tokenizer_lies_beside_the_model_or_is_named(hub_folder: Folder, tmp_path: Path) -> None:
    folder = hub_folder("gpt2")
    model = load_model(str(folder), ModelConfig())
    tokenizer = load_tokenizer(str(folder), model=model)
    assert tokenizer.padding_side == "left"
    assert tokenizer.pad_token_id == tokenizer.eos_token_id == 0
    assert embedding_rows(model) == len(tokenizer) + 4
    bare = tmp_path / "bare"
    bare.mkdir()
    for name in ("config.json", "model.safetensors"):
        shutil.copy(folder / name, bare / name)
    with pytest.raises(ModelError, match=r"There is no tokenizer in .*set tokenizer_name_or_path"):
        load_tokenizer(str(bare), model=model)
    elsewhere = ModelConfig(tokenizer_name_or_path=str(folder))
    assert load_tokenizer(str(bare), elsewhere, model=model).get_vocab() == tokenizer.get_vocab()
    words = tmp_path / "words"
    tokenizer.save_pretrained(words)
    assert len(load_tokenizer(str(bare), ModelConfig(tokenizer_name_or_path=str(words)))) == len(tokenizer)


def test_a_tokenizer_larger_than_the_model_is_refused(hub_folder: Folder) -> None:
    folder = str(hub_folder("gpt2"))
    model = GPT2LMHeadModel(AutoModelForCausalLM.from_pretrained(folder).config.__class__(
        vocab_size=100, n_layer=1, n_embd=8, n_head=2, bos_token_id=0, eos_token_id=0
    ))  # fmt: skip
    with pytest.raises(ModelError, match="but the model has 100 embeddings"):
        load_tokenizer(folder, model=model)


def _saved(tokenizer: PreTrainedTokenizerFast, folder: Path, source: Path) -> str:
    tokenizer.save_pretrained(folder)
    shutil.copy(source / "config.json", folder / "config.json")
    return str(folder)


def test_a_missing_pad_token_is_found_without_resizing(hub_folder: Folder, tmp_path: Path) -> None:
    source = hub_folder("llama")
    model = load_model(str(source), ModelConfig())
    words = Tokenizer(models.WordLevel({f"w{i}": i for i in range(20)} | {"<unk>": 20}, unk_token="<unk>"))
    bare = PreTrainedTokenizerFast(tokenizer_object=words, unk_token="<unk>")
    folder = _saved(bare, tmp_path / "spare", source)
    padded = load_tokenizer(folder, model=model)
    assert padded.pad_token_id == 21 < embedding_rows(model)
    assert load_tokenizer(folder).pad_token == "<unk>", "without a model there is no spare row to be seen"
    nothing = PreTrainedTokenizerFast(tokenizer_object=words)
    with pytest.raises(ModelError, match="no pad, end, unknown or beginning token"):
        load_tokenizer(_saved(nothing, tmp_path / "nothing", source))
