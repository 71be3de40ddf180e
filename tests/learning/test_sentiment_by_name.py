"""Sentiment on models and data given by name: from the hub's cache, as another machine has filled it, and from a hub
that refuses. No host but this machine is asked anything."""

import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import torch
from safetensors.torch import load_file

from formalrl.models.config import ModelConfig
from formalrl.models.fresh import fresh_model, wrap_tokenizer
from formalrl.tasks.film_reviews import film_reviews
from formalrl.tasks.review_texts import first_tokens
from formalrl.tasks.sentiment import Sentiment

pyarrow = pytest.importorskip("pyarrow")
pytest.importorskip("datasets")

NAMES = {"gpt2": "gpt2", "gpt_neox": "EleutherAI/pythia-410m", "llama": "codellama/CodeLlama-13b-hf"}
OLD = "lvwerra/gpt2-imdb"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
DEAD = "http://127.0.0.1:9"
"""Where nothing answers: a machine that is offline without saying so."""
QUICK = ["--max-steps", "2", "--eval-steps", "0", "--prompts-per-step", "4", "--num-generations", "2"]
QUICK += ["--num-eval-prompts", "4", "--num-diagnostic-prompts", "4"]
DRIFT = ("ref_perplexity", "kl_ref", "distinct_1", "distinct_2", "repetition", "repeated_phrase_fraction")
MANY = """
import json, sys
from formalrl.cli import main
arguments = json.loads(sys.argv[1])
print([main([*words, "--output-dir", f"{sys.argv[2]}/{n}"]) for n, words in enumerate(arguments)])
"""


def run(home, *command, **environment):
    """Run Python where the hub's cache is `home` and nothing else of the hub is known."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("HF_", "HUGGING"))}
    given = {"HF_HOME": str(home), "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1", "COLUMNS": "1000", **environment}
    return subprocess.run([sys.executable, *command], env=kept | given, capture_output=True, text=True)


def snapshot(home, kind, name):
    """Return the folder in which the hub's cache keeps a repository."""
    repository = home / "hub" / f"{kind}--{name.replace('/', '--')}"
    folder = repository / "snapshots" / COMMIT
    for made in (folder, repository / "refs"):
        made.mkdir(parents=True)
    (repository / "refs" / "main").write_text(COMMIT)
    return folder


def link_to_blobs(home):
    """Move the files of all snapshots to where the hub's cache has them, with links in their places."""
    for folder in (home / "hub").iterdir():
        (folder / "blobs").mkdir()
        for number, file in enumerate([path for path in (folder / "snapshots").rglob("*") if path.is_file()]):
            blob = file.rename(folder / "blobs" / f"{number:040x}")
            file.symlink_to(os.path.relpath(blob, file.parent))


def write_models(home):
    tokenizer = wrap_tokenizer(Sentiment(max_reviews=200).tokenizer())
    for architecture, name in NAMES.items():
        folder = snapshot(home, "models", name)
        shape = ModelConfig(preset="tiny", architecture=architecture, context_length=64)
        fresh_model(shape, tokenizer, seed=0).save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        if architecture == "gpt2":
            write_as_of_2020(folder, snapshot(home, "models", OLD))


def write_as_of_2020(folder, old):
    """Copy a model into the files of the one that `sentiment_gpt2` names: pickled weights, no tokenizer.json."""
    torch.save(load_file(folder / "model.safetensors"), old / "pytorch_model.bin")
    (old / "config.json").write_bytes((folder / "config.json").read_bytes())
    pairs = json.loads((folder / "tokenizer.json").read_text())["model"]
    merges = (pair if isinstance(pair, str) else " ".join(pair) for pair in pairs["merges"])
    (old / "vocab.json").write_text(json.dumps(pairs["vocab"]))
    (old / "merges.txt").write_text("\n".join(["#version: 0.2", *merges, ""]))
    ends = dict.fromkeys(("bos_token", "eos_token", "unk_token"), "<eos>")
    (old / "tokenizer_config.json").write_text(json.dumps({"model_max_length": 1024, **ends}))


def write_parquet(path):
    from pyarrow import parquet

    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [{"label": number % 2, "text": text} for number, text in enumerate(film_reviews(200))]
    parquet.write_table(pyarrow.Table.from_pylist(rows), path)


@pytest.fixture(scope="module")
def downloaded(tmp_path_factory):
    """What `hf download` leaves of three models and of a data set."""
    home = tmp_path_factory.mktemp("downloaded")
    write_models(home)
    folder = snapshot(home, "datasets", "stanfordnlp/imdb")
    for split in ("train", "test"):
        write_parquet(folder / "plain_text" / f"{split}-00000-of-00001.parquet")
    files = "".join(f"  - split: {split}\n    path: plain_text/{split}-*\n" for split in ("train", "test"))
    (folder / "README.md").write_text(f"---\nconfigs:\n- config_name: plain_text\n  data_files:\n{files}---\n")
    link_to_blobs(home)
    return home


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """The same models, and the data set as `datasets` has prepared it when it was loaded before."""
    from datasets.packaged_modules.parquet.parquet import Parquet

    home = tmp_path_factory.mktemp("prepared")
    write_models(home)
    write_parquet(home / "train.parquet")
    files = {"train": [str(home / "train.parquet")]}
    builder = Parquet(cache_dir=str(home / "built"), dataset_name="imdb", config_name="plain_text", data_files=files)
    builder.download_and_prepare(str(home / "datasets" / "stanfordnlp___imdb" / "plain_text" / "0.0.0" / COMMIT))
    return home


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "what", "cache", "machine"),
    [
        (OLD, ["--recipe", "sentiment_gpt2"], "downloaded", {"HF_HUB_OFFLINE": "1"}),
        (NAMES["gpt2"], ["--recipe", "sentiment_gpt2"], "downloaded", {"HF_ENDPOINT": DEAD}),
        (NAMES["gpt_neox"], ["sentiment"], "prepared", {"HF_HUB_OFFLINE": "1"}),
        (NAMES["llama"], ["sentiment", "--model.use-peft"], "prepared", {"HF_ENDPOINT": DEAD}),
    ],
)
def test_a_model_and_imdb_train_by_name_from_the_cache(name, what, cache, machine, request, tmp_path):
    home, folder = request.getfixturevalue(cache), tmp_path / "run"
    named = [] if name == OLD else ["--model-name-or-path", name]  # the recipe names its own
    done = run(home, "-m", "formalrl", "train", *what, *QUICK, *named, "--output-dir", str(folder), **machine)
    assert done.returncode == 0, done.stderr
    assert "Retry" not in done.stdout + done.stderr, "libraries asked a hub that was known to be away"
    steps = list(map(json.loads, (folder / "metrics.jsonl").read_text().splitlines()))
    last = json.loads((folder / "eval.jsonl").read_text().splitlines()[-1])
    assert len(steps) == 2 and all(step["policy/ref_perplexity"] > 1 for step in steps)
    assert all(last[key] is not None for key in DRIFT) and last["error_rate"] == 0.0
    settings = (folder / "config.yaml").read_text()
    for line in (f"model_name_or_path: {name}", "data: stanfordnlp/imdb", f"prompt_tokens: {name}"):
        assert line in settings
    cut, texts = first_tokens(Sentiment(max_reviews=200).tokenizer()), film_reviews(200)
    starts = {cut(text, count) for text in texts for count in range(2, 9)}
    assert {json.loads(line)["prompt"] for line in (folder / "samples.jsonl").read_text().splitlines()} <= starts


@pytest.mark.slow
def test_what_an_offline_machine_lacks_is_named_in_one_line_each(downloaded, tmp_path):
    policy = ["train", "sentiment", *QUICK, "--model-name-or-path"]
    judge = ["--task.scorer", "classifier", "--task.classifier"]
    asked = [
        [*policy, "gpt3"],
        [*policy, "gpt2", "--task.data", "stanfordnlp/imdbb"],
        [*policy, "gpt2", *judge, "lvwerra/nobody"],
        [*policy, "gpt2", "--task.prompt-tokens", "gpt4"],
    ]
    for machine, why in (({"HF_HUB_OFFLINE": "1"}, "HF_HUB_OFFLINE is set"), ({"HF_ENDPOINT": DEAD}, "[Errno ")):
        done = run(downloaded, "-c", MANY, json.dumps(asked), str(tmp_path / why), **machine)
        assert done.stdout.splitlines()[-1] == "[2, 2, 2, 2]" and "Retry" not in done.stderr, done.stderr
        errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
        assert len(errors) == 4 and all(f"- {why}" in line for line in errors[:3]), errors
        named = ("model 'gpt3'", "data set 'stanfordnlp/imdbb'", "model 'lvwerra/nobody'", "tokenizer.json of 'gpt4'")
        assert all(name in line for name, line in zip(named, errors, strict=True))


class Refusal(BaseHTTPRequestHandler):
    """Answers as the hub does for names that are not there, or that a token must open."""

    def answer(self):
        is_gated, is_question = "gated" in self.path, "/api/" in self.path
        status, code = (403 if "refused" in self.path else 401), "GatedRepo" if is_gated else "RepoNotFound"
        body = json.dumps({"id": "some/gated", "sha": COMMIT, "gated": "manual"}).encode()
        self.send_response(200 if is_gated and is_question else status)
        if not (is_gated and is_question):
            self.send_header("X-Error-Code", code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_HEAD = do_POST = answer

    def log_message(self, format, *args):
        pass


@pytest.fixture
def hub():
    """The address of a hub on this machine that has nothing to give."""
    try:
        server = ThreadingHTTPServer(("127.0.0.1", 0), Refusal)
    except OSError as error:
        pytest.skip(f"no server can be opened on this machine: {error}")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.mark.slow
def test_wrong_names_and_missing_tokens_are_named_in_one_line_each(hub, downloaded, tmp_path):
    folder = str(downloaded / "hub" / "models--gpt2" / "snapshots" / COMMIT)
    start = ["train", "sentiment", *QUICK, "--model-name-or-path"]
    models = ["nobody/nothing", "some/gated", "some/gated-and-refused"]
    asked = [[*start, name] for name in models] + [[*start, folder, "--task.data", name] for name in models]
    done = run(tmp_path / "empty", "-c", MANY, json.dumps(asked), str(tmp_path), HF_ENDPOINT=hub)
    assert done.stdout.splitlines()[-1] == "[2, 2, 2, 2, 2, 2]", done.stderr
    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    said = [
        "has no model 'nobody/nothing', or it is private: correct model_name_or_path, or log in",
        f"The model 'some/gated' is gated: accept its terms on {hub}/some/gated and log in (`hf auth login`",
        "The model 'some/gated-and-refused' is gated",
        "'nobody/nothing' doesn't exist on the Hub or cannot be accessed.): check its name",
        "'some/gated' is a gated dataset on the Hub. You must be authenticated to access it.",
        "'some/gated-and-refused' is a gated dataset on the Hub.",
    ]
    assert len(errors) == len(said) and all(words in line for words, line in zip(said, errors, strict=True))
    assert all("log in where it is private or gated (`hf auth login`, or set HF_TOKEN)" in line for line in errors[3:])
