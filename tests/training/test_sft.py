"""Warm start: what is learned and weighed, that micro-batches change no gradient, and that seeds decide everything."""

import math
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from torch import nn
from transformers import PreTrainedTokenizerFast

from formalrl.errors import ConfigError, ModelError
from formalrl.models.config import ModelConfig
from formalrl.models.fresh import fresh_model, wrap_tokenizer
from formalrl.models.load import prepare_for_rl
from formalrl.training import sft
from formalrl.training.sft import backward, collate, encode_example, learning_rate, run_sft
from formalrl.training.sft_config import SFTConfig

torch.set_num_threads(1)
PAIRS = [(f"{a} + {b} =", f" {a + b}") for a in range(6) for b in range(6)]
PAD, BOS, EOS, PLUS, EQUALS, ZERO = range(6)


@pytest.fixture
def tokenizer() -> PreTrainedTokenizerFast:
    words = ["<pad>", "<bos>", "<eos>", "+", "=", *(str(i) for i in range(20))]
    task = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="<pad>"))
    task.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return wrap_tokenizer(task)


def _model(tokenizer: PreTrainedTokenizerFast, architecture: str = "gpt2") -> nn.Module:
    config = ModelConfig(num_layers=1, hidden_size=32, num_heads=2, architecture=architecture)  # type: ignore[arg-type]
    return prepare_for_rl(fresh_model(config, tokenizer, seed=0, context_length=16))


def _train(model: nn.Module, tokenizer: PreTrainedTokenizerFast, seed: int = 0, **settings: object) -> list[dict]:
    steps: list[dict] = []
    config = SFTConfig(**settings)  # type: ignore[arg-type]
    run_sft(model, tokenizer, PAIRS, config, seed=seed, device="cpu", on_step=steps.append)
    return steps


def _flat(model: nn.Module) -> torch.Tensor:
    return torch.cat([p.detach().flatten() for p in model.parameters()])


def _gradient(model: nn.Module) -> torch.Tensor:
    return torch.cat([p.grad.flatten() for p in model.parameters() if p.grad is not None])


def test_the_completion_alone_or_the_text_is_learned(tokenizer: PreTrainedTokenizerFast) -> None:
    pair = ("2 + 3 =", " 5")
    ids = (BOS, ZERO + 2, PLUS, ZERO + 3, EQUALS, ZERO + 5)
    own = encode_example(tokenizer, pair, loss_on="completion", append_eos=False)
    assert own.ids == ids and own.learned == (False,) * 5 + (True,)
    ended = encode_example(tokenizer, pair, loss_on="completion", append_eos=True)
    assert ended.ids == (*ids, EOS) and ended.learned == (False,) * 5 + (True, True)
    text = encode_example(tokenizer, pair, loss_on="text", append_eos=True)
    assert text.learned == (False,) + (True,) * 6, "nothing comes before the first token that could predict it"


def test_padding_has_no_weight_and_the_update_weighs_one(tokenizer: PreTrainedTokenizerFast) -> None:
    pairs = [("1 =", " 1"), ("1 + 2 + 3 =", " 6")]
    batch = collate([encode_example(tokenizer, pair, loss_on="completion", append_eos=True) for pair in pairs], PAD)
    assert batch.input_ids.tolist() == [
        [BOS, ZERO + 1, EQUALS, ZERO + 1, EOS, PAD, PAD, PAD, PAD],
        [BOS, ZERO + 1, PLUS, ZERO + 2, PLUS, ZERO + 3, EQUALS, ZERO + 6, EOS],
    ]
    assert batch.attention_mask.sum(1).tolist() == [5, 9]
    quarter = 0.25  # two learned tokens in each of two rows; column t weighs the prediction of token t + 1
    assert batch.weights.tolist() == [[0, 0, quarter, quarter, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, quarter, quarter]]


@pytest.mark.parametrize("architecture", ["gpt2", "gpt_neox", "llama"])
def test_loss_is_the_mean_over_learned_tokens_of_the_rows_alone(
    tokenizer: PreTrainedTokenizerFast, architecture: str
) -> None:
    model = _model(tokenizer, architecture)
    pairs = [("1 =", " 1"), ("1 + 2 + 3 =", " 6")]
    examples = [encode_example(tokenizer, pair, loss_on="completion", append_eos=True) for pair in pairs]
    nll = 0.0
    for example in examples:
        logp = model(torch.tensor([example.ids])).logits[0].detach().log_softmax(-1)
        nll -= sum(float(logp[t - 1, example.ids[t]]) for t in (len(example.ids) - 2, len(example.ids) - 1))
    assert backward(model, collate(examples, PAD), SFTConfig(), "cpu") == pytest.approx(nll / 4, rel=1e-5)


@pytest.mark.parametrize("size", [1, 3, 8])
def test_micro_batches_change_no_gradient(tokenizer: PreTrainedTokenizerFast, size: int) -> None:
    pairs = [*PAIRS[:5], ("1 + 2 + 3 =", " 6"), ("1 =", " 1")]
    batch = collate([encode_example(tokenizer, pair, loss_on="text", append_eos=True) for pair in pairs], PAD)
    whole, parts = _model(tokenizer), _model(tokenizer)
    loss = backward(whole, batch, SFTConfig(), "cpu")
    assert backward(parts, batch, SFTConfig(micro_batch_size=size), "cpu") == pytest.approx(loss, rel=1e-6)
    torch.testing.assert_close(_gradient(parts), _gradient(whole), rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("loss_on", ["completion", "text"])
def test_loss_falls(tokenizer: PreTrainedTokenizerFast, loss_on: str) -> None:
    steps = _train(_model(tokenizer), tokenizer, num_epochs=12, batch_size=12, learning_rate=1e-2, loss_on=loss_on)
    assert len(steps) == 36 and [step["step"] for step in steps] == list(range(1, 37))
    assert steps[0]["loss"] > 2.5 and steps[-1]["loss"] < 0.6 * steps[0]["loss"]


def test_the_seed_decides_the_weights(tokenizer: PreTrainedTokenizerFast) -> None:
    trained = [_model(tokenizer) for _ in range(3)]
    for model, seed, noise in zip(trained, (1, 1, 2), (10, 20, 30), strict=True):
        torch.manual_seed(noise)
        _train(model, tokenizer, seed=seed, batch_size=8)
    assert torch.equal(_flat(trained[0]), _flat(trained[1]))
    assert not torch.equal(_flat(trained[0]), _flat(trained[2]))


def test_every_epoch_sees_each_of_the_first_examples_once(
    tokenizer: PreTrainedTokenizerFast, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, ...]] = []

    def watch(examples: Sequence, pad: int) -> object:
        seen.extend(example.ids for example in examples)
        return collate(examples, pad)

    monkeypatch.setattr("formalrl.training.sft.collate", watch)
    config = SFTConfig(num_examples=10, num_epochs=2, batch_size=4)
    found = run_sft(_model(tokenizer), tokenizer, PAIRS, config, seed=0, device="cpu")
    assert found["num_updates"] == 6 and found["num_examples"] == 10 and found["num_tokens"] == 40
    wanted = {encode_example(tokenizer, p, loss_on="text", append_eos=True).ids for p in PAIRS[:10]}
    assert set(seen[:10]) == set(seen[10:]) == wanted and seen[:10] != seen[10:]


def test_learning_rate_rises_and_falls() -> None:
    linear = SFTConfig(learning_rate=1.0, warmup_ratio=0.2)
    assert [learning_rate(linear, u, 10) for u in range(10)] == pytest.approx(
        [0.5, 1.0, 1.0, 0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125]
    )
    cosine = SFTConfig(learning_rate=1.0, warmup_ratio=0.0, lr_scheduler_type="cosine")
    assert [learning_rate(cosine, u, 4) for u in range(4)] == pytest.approx(
        [(1 + math.cos(math.pi * u / 4)) / 2 for u in range(4)]
    )
    constant = SFTConfig(learning_rate=1.0, warmup_ratio=1.0, lr_scheduler_type="constant")
    assert learning_rate(constant, 3, 4) == 1.0


def test_gradients_are_clipped_and_decay_spares_biases(tokenizer: PreTrainedTokenizerFast) -> None:
    steps = _train(_model(tokenizer), tokenizer, batch_size=36, max_grad_norm=1e-9, warmup_ratio=0.0)
    assert steps[0]["grad_norm"] > 0.1, "the norm before clipping is reported"
    model = _model(tokenizer)
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    # Adam divides by sqrt(v) + 1e-8, so gradients clipped to 1e-15 move nothing: what moves is decay.
    _train(model, tokenizer, batch_size=36, max_grad_norm=1e-15, weight_decay=0.5, learning_rate=0.1, warmup_ratio=0.0)
    for name, p in model.named_parameters():
        factor = 0.95 if p.dim() >= 2 else 1.0
        torch.testing.assert_close(p.detach(), before[name] * factor, rtol=1e-4, atol=1e-5)


def test_frozen_parameters_stay(tokenizer: PreTrainedTokenizerFast) -> None:
    model = _model(tokenizer)
    embedding = model.get_input_embeddings().weight.requires_grad_(False)  # type: ignore[operator, union-attr]
    before = embedding.clone()
    _train(model, tokenizer, batch_size=12)
    assert torch.equal(embedding, before)


def test_bfloat16_leaves_weights_and_loss_in_float32(tokenizer: PreTrainedTokenizerFast) -> None:
    model = _model(tokenizer)
    steps = _train(model, tokenizer, batch_size=12, bf16=True)
    exact = _train(_model(tokenizer), tokenizer, batch_size=12)
    assert {p.dtype for p in model.parameters()} == {torch.float32}
    assert steps[0]["loss"] != exact[0]["loss"] and steps[0]["loss"] == pytest.approx(exact[0]["loss"], rel=2e-2)


def test_what_cannot_be_learned_says_why(tokenizer: PreTrainedTokenizerFast) -> None:
    model = _model(tokenizer)
    long = [("1 + " * 8 + "1 =", " 9")]
    with pytest.raises(ConfigError, match="has 21 tokens, but the model has 16 positions"):
        run_sft(model, tokenizer, long, SFTConfig(), seed=0, device="cpu")
    with pytest.raises(ConfigError, match="its completion is empty"):
        run_sft(model, tokenizer, [("1 =", "")], SFTConfig(), seed=0, device="cpu", append_eos=False)
    assert run_sft(model, tokenizer, PAIRS, SFTConfig(num_examples=0), seed=0, device="cpu")["num_updates"] == 0
    with torch.no_grad():
        next(model.parameters()).fill_(float("nan"))
    with pytest.raises(ModelError, match="diverged at update 1"):
        run_sft(model, tokenizer, PAIRS, SFTConfig(), seed=0, device="cpu")


def test_accelerate_is_not_needed() -> None:
    source = Path(sft.__file__).read_text(encoding="utf-8")
    assert "runtime" not in source and "accelerate" not in source
