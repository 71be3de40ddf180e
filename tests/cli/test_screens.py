"""The last screen of a run."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from formalrl.cli.screens import before_and_after, clip, read_samples, show_evaluation, show_result, text_of


def test_the_result_says_what_was_learned_and_where_things_are(api, summary, tmp_path: Path):
    (api.folder / "report.html").write_text("")
    (api.folder / "best").mkdir()
    (api.folder / "checkpoint-40").mkdir()
    (api.folder / "checkpoint-5").mkdir()
    out = io.StringIO()
    show_result(Console(file=out, width=80), "arithmetic, grpo", summary, api.folder)
    text = out.getvalue()
    for words in (
        "arithmetic, grpo: accuracy 0.050 -> 0.981 on 64 held-out prompts",
        "the best constant answer '25'",
        "0.748",
        "step 40: the policy gives 61 distinct answers",
        "report.html",
        "checkpoint-40",
        "(step 40, 0.981)",
        f"formalrl eval {api.folder}",
    ):
        assert words in text
    example = next(line for line in text.splitlines() if "5 + 3 =" in line)
    assert example.split("=")[1].split() == ["25", "✗", "8", "✓"]
    assert all(len(line) <= 80 for line in text.splitlines() if str(api.folder) not in line)


@pytest.mark.parametrize("share", [0.25, None])
def test_the_result_says_what_the_reward_cost_in_language(share, tmp_path: Path):
    out, measured = io.StringIO(), {"reward": 0.5, "ref_perplexity": 4321.0, "distinct_2": 0.125, "repetition": 0.75}
    last = measured | {"repeated_phrase_fraction": share, "length_mean": 9.5, "step": 2, "n": 4}
    show_result(Console(file=out, width=80), "sentiment, ppo", last, tmp_path)
    wanted = ("4,321.0", "length, tokens", "distinct pairs of tokens", "repeated tokens", "one repeated phrase")
    assert [words in out.getvalue() for words in wanted] == [True, *[share is not None] * 4]


def test_an_evaluation_without_accuracy_is_shown_by_its_reward():
    out = io.StringIO()
    show_evaluation(Console(file=out, width=80), "runs/a", {"n": 3, "accuracy": None, "reward": 0.5})
    assert "runs/a: 3 prompts" in out.getvalue()
    assert "accuracy" not in out.getvalue()


def test_pairs_are_of_the_first_and_the_last_evaluation():
    rows = [
        {"step": step, "split": split, "prompt": prompt, "completion": f"{step}"}
        for step in (0, 5, 9)
        for split in ("eval", "train")
        for prompt in ("a", "b", "c")
    ]
    pairs = before_and_after(rows, 2)
    assert [(x["prompt"], x["completion"], y["completion"]) for x, y in pairs] == [("a", "0", "9"), ("b", "0", "9")]
    assert before_and_after(rows[:6], 2) == []


def test_a_torn_last_line_is_left_out(tmp_path: Path):
    path = tmp_path / "samples.jsonl"
    path.write_text(json.dumps({"step": 1}) + '\n{"step": 2')
    assert read_samples(path) == [{"step": 1}]
    assert read_samples(tmp_path / "none.jsonl") == []


@pytest.mark.parametrize(
    ("text", "keep_end", "expected"),
    [
        ("short", False, "short"),
        ("0123456789ab", False, "0123456..."),
        ("0123456789ab", True, "...56789ab"),
        ("a\nb\x1b[1m", False, "a\\nb?[1m"),
    ],
)
def test_text_is_cut_to_one_line_without_control_characters(text: str, keep_end: bool, expected: str):
    assert clip(text, 10, keep_end=keep_end) == expected


def test_the_last_message_of_a_chat_is_its_text():
    assert text_of([{"role": "system", "content": "x"}, {"role": "user", "content": "2 + 2"}]) == "2 + 2"
