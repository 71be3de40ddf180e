"""The page about several runs: nothing from outside, nothing that a model wrote is markup, every number with its n."""

import json
import re
from html.parser import HTMLParser

import pytest

from formalrl.experiments.comparison import page

VOID = {"meta", "br", "img", "link", "input", "hr"}


class Page(HTMLParser):
    """Tags with their attributes, balance, text."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.tags, self.words = [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not self.open or self.open[-1] not in ("style", "script"):
            self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


@pytest.fixture(scope="module")
def written(whole_sweep, tmp_path_factory):
    output = tmp_path_factory.mktemp("compared") / "report.html"
    return page.write_comparison([whole_sweep], output)


def test_the_page_holds_question_scores_curves_verdicts_samples_and_cost(written):
    path, found = written
    shown = Page(path.read_text(encoding="utf-8"))
    for expected in ("What does regularizers.entropy.coef (0, 0.3) change? 2 settings, 3 seeds each, 6 runs.",
                     "Final scores", "Reward of training steps", "Reward against KL to the reference",
                     "Verdict of every run", "✗ collapsed", "✓ healthy", "Completions of the same prompts", "Cost",
                     "formalrl train arithmetic", "100 %"):  # fmt: skip
        assert expected in shown.text, expected
    assert (path.parent / "figures" / "reward.svg").is_file()
    assert found.notes == ()


def test_the_page_needs_nothing_from_outside_and_can_be_read_without_seeing_it(written):
    text = written[0].read_text(encoding="utf-8")
    shown = Page(text)
    assert not {tag for tag, _ in shown.tags} & {"script", "link", "iframe", "object", "img", "base", "form"}
    for tag, attributes in shown.tags:
        for name, value in attributes.items():
            assert not name.startswith("on") and name not in ("src", "action"), (tag, name)
            assert not name.endswith("href") or value.startswith("#"), (tag, value)
    assert re.search(r"url\((?!#)", text) is None
    charts = [attributes for tag, attributes in shown.tags if tag == "svg"]
    assert len(charts) >= 8 and all(a["role"] == "img" and len(a["aria-label"]) > 20 for a in charts)
    ids = [a["id"] for _, a in shown.tags if "id" in a]
    assert len(ids) == len(set(ids))


def test_nothing_that_a_model_wrote_is_markup(make_sweep, hostile, monkeypatch):
    monkeypatch.setattr(page, "drawings", lambda found: [])
    folder = make_sweep(seeds=(0,))
    for run in folder.glob("*/*"):
        row = {"step": 16, "split": "eval", "prompt": hostile, "completion": hostile, "reward": None, "error": hostile}
        with (run / "samples.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
        with (run / "config.yaml").open("a", encoding="utf-8") as file:
            file.write(f"'<b>{run.parent.name}</b>': <script>alert(1)</script>{run.parent.name}\n")
    page.write_comparison([folder])
    text = (folder / "report.html").read_text(encoding="utf-8")
    shown = Page(text)
    assert not {tag for tag, _ in shown.tags if tag in ("script", "img")}
    assert not set(text) & {"\x00", "\x1b", "\u202e"}


def test_the_summary_is_the_table_as_plain_data(written):
    found = json.loads(json.dumps(page.summary(written[1]), allow_nan=False))
    first = found["settings"][0]
    assert found["keys"] == ["regularizers.entropy.coef"] and first["values"] == {"regularizers.entropy.coef": 0.0}
    assert first["seeds"] == [0, 1, 2] and first["collapsed"]["value"] == 1.0
    score = first["scores"]["reward"]
    assert score["n"] == 3 and score["low"] < score["value"] < score["high"]


def test_one_seed_has_no_bounds(make_sweep, monkeypatch):
    monkeypatch.setattr(page, "drawings", lambda found: [])
    _, found = page.write_comparison([make_sweep(seeds=(0,))])
    score = page.summary(found)["settings"][0]["scores"]["reward"]
    assert score["low"] is None and score["n"] == 1


def test_a_claim_beside_the_runs_is_shown_with_its_names(make_sweep, monkeypatch):
    monkeypatch.setattr(page, "drawings", lambda found: [])
    folder = make_sweep(seeds=(0,))
    claim = {
        "verdict": "not confirmed", "sentence": "Entropy <helps>.", "paper": "it does", "ours": "it did not",
        "reason": "intervals overlap", "scale": "laptop",
        "runs": {"e0.3-b0.5/seed-0": "with entropy", "e0.0-b0.5/seed-0": "without"},
    }  # fmt: skip
    (folder / page.CLAIM).write_text(json.dumps(claim))
    path, found = page.write_comparison([folder])
    assert [s.name for s in found.comparison.settings] == ["with entropy", "without"]
    text = Page(path.read_text(encoding="utf-8")).text
    assert "not confirmed" in text and "Entropy <helps>." in text
    (folder / page.CLAIM).write_text("{")
    assert page.read_claim(folder) == {}


def test_a_sweep_that_names_its_settings_is_shown_with_their_names(make_sweep, monkeypatch):
    monkeypatch.setattr(page, "drawings", lambda found: [])
    folder = make_sweep(seeds=(0,))
    for old, new in (("e0.3-b0.5", "with-entropy"), ("e0.0-b0.5", "none")):
        (folder / old).rename(folder / new)
        (folder / new / "seed-0").rename(folder / new / "seed0")
    named = "runs:\n- {name: with entropy, regularizers.entropy.coef: 0.3}\n- {name: none}\nseeds: 1\n"
    (folder / "sweep.yaml").write_text(f"task: arithmetic\n{named}")
    _, found = page.write_comparison([folder])
    assert [s.name for s in found.comparison.settings] == ["with entropy", "none"] and found.comparison.is_named
    (folder / "sweep.yaml").write_text("task: arithmetic\ngrid: {regularizers.entropy.coef: [0, 0.3]}\n")
    _, found = page.write_comparison([folder])
    assert [s.name for s in found.comparison.settings] == ["entropy.coef 0", "entropy.coef 0.3"]
