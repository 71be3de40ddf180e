import random

from formalrl.checks.completions import HOSTILE, choose_prompts, corrupted, references
from formalrl.tasks.arithmetic import Arithmetic


def test_corrupted_answers_differ_from_the_answer():
    for text in ("18", "a", "return x"):
        assert text not in list(corrupted(text, random.Random(0)))
    assert list(corrupted("", random.Random(0))) == []


def test_prompts_come_from_both_splits_and_references_from_columns_and_examples():
    task = Arithmetic()
    prompts = choose_prompts(task, 10, 0)
    assert len(prompts) == 10 == len({prompt.text for prompt in prompts})
    from_columns, from_examples = references(task, prompts, 5)
    assert [r.completion for r in from_columns] == [p.columns["answer"] for p in prompts]
    assert len(from_examples) == 5


def test_hostile_completions_are_of_many_kinds():
    assert max(map(len, HOSTILE.values())) >= 100_000 and any("\0" in text for text in HOSTILE.values())
