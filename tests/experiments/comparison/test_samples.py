"""Completions of the same prompts stand side by side."""

from pathlib import Path

from formalrl.experiments.comparison.grouping import compare
from formalrl.experiments.comparison.samples import MAX_PROMPTS, sample_blocks
from formalrl.experiments.runs import RunFolder, Samples


def run(coef, prompts, seed=0):
    rows = tuple({"prompt": p, "completion": f"{p} at {coef}", "reward": coef, "correct": None} for p in prompts)
    samples = Samples(0, 5, rows[:1], rows)
    return RunFolder(Path(f"{coef}-{seed}"), {"seed": seed, "coef": coef}, {}, (), (), (), samples)


def test_prompts_of_most_settings_come_first_with_a_completion_of_each():
    blocks = sample_blocks(compare([run(0.0, ["a", "b"]), run(0.3, ["b", "c"]), run(0.3, ["x"], seed=1)]))
    assert [block["prompt"] for block in blocks] == ["b", "a", "c"] or blocks[0]["prompt"] == "b"
    assert [(cell["setting"], cell["text"]) for cell in blocks[0]["cells"]] == [
        ("coef 0", "b at 0.0"),
        ("coef 0.3", "b at 0.3"),
    ]
    assert all(block["prompt"] != "x" for block in blocks), "the first seed is shown"
    assert [cell["tone"] for cell in blocks[0]["cells"]] == [0, 4]


def test_few_prompts_are_shown_and_none_where_there_are_no_samples():
    assert len(sample_blocks(compare([run(0.0, [str(i) for i in range(50)])]))) == MAX_PROMPTS
    assert sample_blocks(compare([run(0.0, [])])) == []
