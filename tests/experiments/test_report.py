"""The report: one page, nothing from outside, nothing that a model wrote is markup, whatever state the run is in."""

import json
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser

import pytest

from formalrl.errors import ConfigError
from formalrl.experiments.report import render_report, sample_pairs, shown_steps, write_report
from formalrl.experiments.runs import read_run

VOID = {"meta", "br", "img", "link", "input", "hr"}


class Page(HTMLParser):
    """Tags with their attributes, balance, text by tag."""

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


@pytest.fixture
def no_curves(monkeypatch):
    """Leave the drawing out, which takes most of the time."""
    monkeypatch.setattr("formalrl.experiments.report.draw_svg", lambda chart: "")


@pytest.fixture(scope="module")
def whole_text(whole_run):
    """The report of a whole run."""
    return report(whole_run)


def report(folder):
    return write_report(folder).read_text(encoding="utf-8")


def test_the_verdict_comes_first_and_everything_is_there(no_curves, make_run):
    page = Page(report(make_run(steps=40)))
    assert page.text.index("step 40: the policy gives 84 distinct answers") < page.text.index("What was trained")
    for expected in ("healthy", "grpo (epsilon 0.2", "batch_entropy (coef 0.5", "Seed 3", "0123456789ab", "Step 40",
                     "✓ correct", "✗ wrong", "reward failed: timeout", "TimeoutError: 2 s", "Most common answers",
                     "completions a second", "formalrl train arithmetic", "learning_rate 0.0003"):  # fmt: skip
        assert expected in page.text, expected


def test_the_page_needs_nothing_from_outside_and_runs_nothing(whole_text):
    page = Page(whole_text)
    tags = {tag for tag, _ in page.tags}
    assert not tags & {"script", "link", "iframe", "object", "img", "base", "form"}
    for tag, attributes in page.tags:
        for name, value in attributes.items():
            assert not name.startswith("on"), (tag, name)
            assert name not in ("src", "action"), (tag, name)
            assert not name.endswith("href") or value.startswith("#"), (tag, value)
    assert "@import" not in whole_text and re.search(r"url\((?!#)", whole_text) is None
    assert len(whole_text) < 1_500_000


def test_the_page_can_be_read_without_seeing_it(whole_text):
    page = Page(whole_text)
    charts = [attributes for tag, attributes in page.tags if tag == "svg"]
    assert len(charts) >= 10 and all(a["role"] == "img" and len(a["aria-label"]) > 20 for a in charts)
    assert ("html", {"lang": "en"}) in page.tags
    ids = [a["id"] for _, a in page.tags if "id" in a]
    assert len(ids) == len(set(ids))


def test_the_price_of_the_reward_in_language_is_among_the_few_numbers_that_matter(make_run, no_curves):
    folder = make_run()
    evals = [json.loads(line) for line in (folder / "eval.jsonl").read_text().splitlines()]
    for row, perplexity in zip(evals, range(5, 5 + len(evals)), strict=True):
        row |= {"ref_perplexity": float(perplexity), "kl_ref": 0.25}
    (folder / "eval.jsonl").write_text("".join(json.dumps(row) + "\n" for row in evals))
    said = f"Perplexity {4 + len(evals)} was 5 at step 0 under the reference; KL 0.25 nats a token"
    assert said in Page(report(folder)).text


def test_nothing_that_a_model_or_a_task_wrote_is_markup(make_run, hostile):
    folder = make_run(steps=8)
    row = {"step": 8, "split": "eval", "prompt": hostile, "completion": hostile, "reward": None, "error": hostile,
           "detail": hostile, "correct": False, "parts": {hostile: 1.0}, "columns": {hostile: hostile}}  # fmt: skip
    evaluation = {"step": 8, "verdict": hostile, "verdict_sentence": hostile, "top_answers": [[hostile, 1.0]], "n": 1}
    for name, added in (
        ("samples", row),
        ("eval", evaluation),
        ("metrics", {"step": 9, f"reward/parts/{hostile}": 1.0}),
    ):
        with (folder / f"{name}.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(added) + "\n")
    config = folder / "config.yaml"
    config.write_text(config.read_text() + f"\n# commit: <script>alert(3)</script>\n'{hostile[:20]}': <b>\n")
    text = report(folder)
    page = Page(text)
    assert not {tag for tag, _ in page.tags} & {"script", "img", "b"}
    assert not set(text) & {"\x00", "\x1b", "\u202e"}
    assert "</svg><script>alert(1)</script>" in page.text, "it is shown, as text"


def test_huge_texts_are_cut_with_a_mark(no_curves, make_run):
    folder = make_run(steps=8)
    row = {"step": 8, "split": "eval", "prompt": "p" * 10**6, "completion": "c" * 10**6, "reward": 0.5, "correct": None}
    with (folder / "samples.jsonl").open("a") as file:
        file.write(json.dumps(row) + "\n")
    text = report(folder)
    assert len(text) < 1_500_000 and "999,400 more characters" in text


@pytest.mark.parametrize("missing", ["metrics.jsonl", "eval.jsonl", "samples.jsonl", "sft.jsonl", "config.yaml"])
def test_a_missing_file_leaves_the_rest(no_curves, make_run, missing):
    folder = make_run(steps=8)
    (folder / missing).unlink()
    Page(report(folder))


def test_a_run_that_has_only_begun_has_a_report(no_curves, make_run):
    folder = make_run(steps=8, max_steps=100)
    assert "step 8 of 100: still running, or stopped early" in Page(report(folder)).text
    for name in ("metrics.jsonl", "eval.jsonl", "samples.jsonl", "sft.jsonl"):
        (folder / name).write_text("")
    page = Page(report(folder))
    assert "step 0: there is no evaluation yet" in page.text and "unknown" in page.text


def test_odd_values_do_not_stop_the_report(make_run):
    folder = make_run(steps=8)
    odd = {"step": 9, "reward/mean": None, "policy/entropy": "x", "time/step_s": None, "optimizer/grad_norm": 1e300}
    with (folder / "metrics.jsonl").open("a") as file:
        file.write(json.dumps(odd) + "\n")
    with (folder / "eval.jsonl").open("a") as file:
        file.write(
            json.dumps({"step": 9, "accuracy": None, "reward": None, "top_answers": None, "verdict": None}) + "\n"
        )
    with (folder / "samples.jsonl").open("a") as file:
        file.write(json.dumps({"step": 9, "completion": None, "columns": None, "parts": None}) + "\n")
    Page(report(folder))


def test_a_collapsed_run_says_so_and_what_to_do(no_curves, make_run):
    text = Page(report(make_run(steps=40, is_good=False))).text
    assert "✗ collapsed" in text and "what the best two fixed answers earn" in text
    assert "Alarms" in text and "What to do:" in text


def test_no_run_is_an_error(tmp_path):
    with pytest.raises(ConfigError, match="holds no run"):
        write_report(tmp_path)


def test_the_report_is_made_without_torch():
    code = "import sys, formalrl.experiments.report; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")
@pytest.mark.parametrize("width", [390, 1200])
def test_a_browser_renders_it_without_sideways_scrolling(make_run, tmp_path, width):
    folder = make_run(steps=40)
    report(folder)
    frame = tmp_path / "frame.html"
    script = "document.title='width '+document.getElementById('f').contentDocument.documentElement.scrollWidth"
    frame.write_text(
        f'<iframe id="f" style="width:{width}px;height:800px;border:0" src="{(folder / "report.html").as_uri()}" '
        f'onload="{script}"></iframe>'
    )
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
               "--disable-background-networking", "--disable-component-update", "--allow-file-access-from-files",
               f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", "--virtual-time-budget=3000"]  # fmt: skip
    done = subprocess.run([CHROMIUM, *options, frame.as_uri()], capture_output=True, text=True, timeout=120)
    found = re.search(r"<title>width (\d+)</title>", done.stdout)
    assert found, done.stderr[-2000:]
    assert int(found[1]) <= width


def test_completions_of_the_same_prompt_stand_side_by_side_at_the_start_halfway_and_at_the_end(make_run):
    run = read_run(make_run(steps=40))
    assert shown_steps(run) == [0, 20, 40]
    assert {len(pair["cells"]) for pair in sample_pairs(run)} == {3}
    assert "Completions, before, halfway and after" in render_report(run)
