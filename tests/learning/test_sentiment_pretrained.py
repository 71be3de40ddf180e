"""Sentiment on a model and a data set that lie in folders, in the formats of the hub: the way real ones take."""

import json

import pytest
import torch

from formalrl.cli import main
from formalrl.models.config import ModelConfig
from formalrl.models.fresh import fresh_model, wrap_tokenizer
from formalrl.tasks.film_reviews import film_reviews
from formalrl.tasks.sentiment import Sentiment

pyarrow = pytest.importorskip("pyarrow")
QUICK = ["--max-steps", "1", "--eval-steps", "0", "--prompts-per-step", "4", "--num-generations", "2"]
QUICK += ["--num-eval-prompts", "4", "--num-diagnostic-prompts", "4"]


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    torch.set_num_threads(1)
    for name in ("write_report", "write_model_card"):
        monkeypatch.setattr(f"formalrl.api.{name}", lambda run_dir: None)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A data set as the hub keeps it: parquet files by split."""
    from pyarrow import parquet

    folder = tmp_path_factory.mktemp("imdb")
    (folder / "data").mkdir()
    rows = [{"label": 1, "text": text} for text in film_reviews(200)]
    parquet.write_table(pyarrow.Table.from_pylist(rows), folder / "data" / "train-00000-of-00001.parquet")
    return folder


@pytest.fixture(scope="module")
def save(tmp_path_factory):
    """Return a function that saves a tiny model of an architecture with its tokenizer, and returns the folder."""
    tokenizer = wrap_tokenizer(Sentiment(max_reviews=200).tokenizer())

    def saved(architecture):
        folder = tmp_path_factory.mktemp(architecture)
        config = ModelConfig(preset="tiny", architecture=architecture, context_length=64)
        fresh_model(config, tokenizer, seed=0).save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        return folder

    return saved


@pytest.mark.slow
@pytest.mark.parametrize("architecture", ["gpt2", "gpt_neox", "llama"])
def test_a_saved_model_trains_on_a_saved_data_set(architecture, save, data, tmp_path, capsys):
    folder, run = save(architecture), tmp_path / "run"
    arguments = ["--model-name-or-path", str(folder), "--task.data", str(data), "--output-dir", str(run)]
    assert main(["train", "sentiment", *QUICK, *arguments]) == 0
    (step,) = map(json.loads, (run / "metrics.jsonl").read_text().splitlines())
    last = json.loads((run / "eval.jsonl").read_text().splitlines()[-1])
    assert step["policy/ref_perplexity"] > 1 and last["ref_perplexity"] > 1
    assert last["error_rate"] == 0.0 and -1 <= last["reward"] <= 1
    assert 0 < last["distinct_1"] <= 1 and 0 <= last["repeated_phrase_fraction"] <= 1
    settings = (run / "config.yaml").read_text()
    assert f"prompt_tokens: {folder}" in settings and f"data: {data}" in settings


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"--model-name-or-path": "no/such/folder"}, "There is no folder 'no/such/folder'"),
        ({"--task.data": "no_such.parquet"}, "the data file 'no_such.parquet' does not exist"),
        ({"--task.text-column": "body"}, "no column 'body' (its columns: label, text)"),
        ({"--task.prompt-tokens": "tests"}, "set that to 'words' to count words"),
    ],
)
def test_what_cannot_be_loaded_is_named_in_one_line(changed, message, save, data, tmp_path, capfd):
    file = str(data / "data" / "train-00000-of-00001.parquet")
    given = {"--model-name-or-path": str(save("gpt2")), "--task.data": file, **changed}
    arguments = [word for pair in given.items() for word in pair]
    assert main(["train", "sentiment", *QUICK, *arguments, "--output-dir", str(tmp_path / "run")]) == 2
    error = [line for line in capfd.readouterr().err.splitlines() if line.startswith("error: ")]
    assert len(error) == 1 and message in error[0]


@pytest.mark.slow
def test_a_saved_classifier_is_the_reward_on_the_device_of_the_policy(save, data, tmp_path, capsys):
    from transformers import GPT2Config, GPT2ForSequenceClassification

    policy, judge, run = save("gpt2"), tmp_path / "judge", tmp_path / "run"
    tokenizer = wrap_tokenizer(Sentiment(max_reviews=200).tokenizer())
    shape = GPT2Config(vocab_size=len(tokenizer), n_embd=16, n_layer=1, n_head=2, id2label={0: "neg", 1: "pos"})
    GPT2ForSequenceClassification(shape).save_pretrained(judge)
    tokenizer.save_pretrained(judge)
    asked = ["--model-name-or-path", str(policy), "--task.data", str(data), "--task.scorer", "classifier"]
    asked += ["--task.classifier", str(judge), "--task.classifier-output", "probability"]
    assert main(["train", "sentiment", *QUICK, *asked, "--output-dir", str(run)]) == 0
    said = "".join("".join(capsys.readouterr()).split())  # long paths are broken over lines
    assert f"theprobabilityof'pos'by{judge},infloat32oncpu" in said
    (step,) = map(json.loads, (run / "metrics.jsonl").read_text().splitlines())
    assert step["reward/mean"] == pytest.approx(step["reward/parts/probability"]) and 0 < step["reward/mean"] < 1
    assert main(["train", "sentiment", *QUICK, *asked, "--task.classifier-label", "good"]) == 2
    assert "hasnolabel'good'(itslabels:'neg','pos')" in "".join(capsys.readouterr().err.split())
