"""Classifiers that lie in folders as the hub keeps them."""

import pytest
import torch
from transformers import (
    DistilBertConfig,
    DistilBertForSequenceClassification,
    GPT2Config,
    GPT2ForSequenceClassification,
)

from formalrl.errors import ModelError
from formalrl.models.classifier import classifier_labels, load_classifier
from formalrl.models.config import ModelConfig
from formalrl.models.fresh import fresh_model, wrap_tokenizer
from formalrl.tasks.sentiment import Sentiment

CPU = torch.device("cpu")
TEXTS = ["The film was great.", "", "Bad " * 40, "no", "A quiet film that I would see again with pleasure."]
NAMES = {0: "NEGATIVE", 1: "POSITIVE"}


@pytest.fixture(scope="module")
def tokenizer():
    return wrap_tokenizer(Sentiment(max_reviews=100, vocab_size=400).tokenizer())


@pytest.fixture(scope="module", params=["distilbert", "gpt2"])
def folder(request, tokenizer, tmp_path_factory):
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp(request.param)
    common = {"vocab_size": len(tokenizer), "id2label": NAMES, "label2id": {name: i for i, name in NAMES.items()}}
    if request.param == "distilbert":
        config = DistilBertConfig(
            dim=16, n_layers=2, n_heads=2, hidden_dim=32, max_position_embeddings=24, initializer_range=0.5, **common
        )
        model = DistilBertForSequenceClassification(config)
    else:
        config = GPT2Config(n_embd=16, n_layer=2, n_head=2, n_positions=24, initializer_range=0.5, **common)
        model = GPT2ForSequenceClassification(config)
    model.save_pretrained(path)
    tokenizer.save_pretrained(path)
    return path


def test_logits_of_a_batch_are_those_of_each_text_alone(folder):
    classifier = load_classifier(str(folder), CPU)
    found = classifier.logits(TEXTS, batch_size=3)
    assert found.shape == (5, 2) and found.dtype == torch.float32
    for text, logits in zip(TEXTS, found, strict=True):
        ids = classifier.tokenizer(text)["input_ids"][:24] or [classifier.tokenizer.pad_token_id]
        alone = classifier.model(input_ids=torch.tensor([ids])).logits[0]
        assert torch.allclose(logits, alone, atol=1e-5)
    assert (found[0] - found[4]).abs().max() > 1e-3


def test_it_is_frozen_and_without_dropout(folder):
    classifier = load_classifier(str(folder), CPU)
    assert not any(p.requires_grad for p in classifier.model.parameters())
    assert torch.equal(classifier.logits(TEXTS, 2), classifier.logits(TEXTS, 2))


def test_labels_are_read_without_weights(folder, tmp_path):
    (tmp_path / "config.json").write_bytes((folder / "config.json").read_bytes())
    assert classifier_labels(str(tmp_path)) == NAMES
    with pytest.raises(ModelError, match=r"task\.classifier"):
        load_classifier(str(tmp_path), CPU)


def test_a_language_model_is_no_classifier(tokenizer, tmp_path):
    fresh_model(ModelConfig(preset="tiny"), tokenizer, seed=0).save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    with pytest.raises(ModelError, match=r"no trained classifier - its files lack score\.weight"):
        load_classifier(str(tmp_path), CPU)


def test_a_name_that_cannot_be_fetched_names_the_setting(monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError, match=r"HF_HUB_OFFLINE is set .* as task\.classifier"):
        classifier_labels("nobody/no-such-classifier")
    with pytest.raises(ModelError, match=r"no folder '\./nowhere'"):
        classifier_labels("./nowhere")
