import hashlib
from collections import Counter

import pytest

from formalrl.errors import ConfigError
from formalrl.tasks.expression_spaces import (
    NUM_SAMPLED,
    DrawnSpace,
    Expressions,
    PromptsOf,
    UniformSpace,
    enumerated,
    value_counts,
)
from formalrl.tasks.reductions import value_of
from formalrl.types import Prompt

PAPER = DrawnSpace("+", 10, 10, 100, 5)
UNIFORM = UniformSpace("+", 10, 10, 100, 5)
LARGE = UniformSpace("+-*", 12, 30, 500, 15)
SMALL = [
    DrawnSpace("+-", 2, 5, 100, 3),
    DrawnSpace("+*", 10, 4, 30, 3),
    UniformSpace("+-", 3, 5, 4, 3),
    UniformSpace("+-*", 10, 4, 100, 2),
    UniformSpace("+", 12, 6, 20, 4),
]


def held_out(text):
    return int(hashlib.sha1(text.encode()).hexdigest(), 16) % 10 == 0


@pytest.mark.parametrize("space", SMALL)
def test_draws_are_numbered_in_the_order_of_enumeration(space):
    listed = list(space.expressions())
    assert len(listed) == space.size
    assert [space.expression(index) for index in range(space.size)] == listed


def test_the_drawn_space_is_the_procedure_of_the_paper():
    # 11^5 operand tuples; with "10 10 10 1 x" the text is 10+10+10+1 whatever x is.
    counts = Counter(PAPER.expressions())
    assert sum(counts.values()) == PAPER.size == 11**5
    assert {len(text) for text in counts} == {9, 10}
    assert len(counts) == 150_640
    assert counts["10+10+10+1"] == 22  # 11 times from 10+10+10+1+x, 11 from 10+10+10+10+x
    assert counts["10+10+1+1"] == 11
    assert counts["10+1+2+3+1"] == 2  # from 1 and from 10
    assert counts["1+2+3+4+5"] == 1


def test_the_uniform_space_holds_every_expression_once():
    texts = list(UNIFORM.expressions())
    assert len(texts) == len(set(texts)) == 166_092
    assert {"0+0", "5+3+10+2", "10+10"} <= set(texts)
    by_operands = Counter(text.count("+") + 1 for text in texts)
    assert by_operands == {2: 11**2, 3: 11**3, 4: 11**4 - 1, 5: 150_000}  # 10+10+10+10 has 11 characters


@pytest.mark.parametrize("space", [PAPER, UNIFORM])
def test_held_out_and_training_expressions_divide_the_space_by_the_hash(space):
    listed, draws = list(space.expressions()), enumerated(space)
    assert not any(held_out(listed[index]) for index in draws["train"])
    assert all(held_out(listed[index]) for index in draws["eval"])
    assert sorted([*draws["train"], *draws["eval"]]) == list(range(space.size))
    assert 0.09 < len(draws["eval"]) / space.size < 0.11
    for split in ("train", "eval"):
        expressions = Expressions(space, split)
        assert len(expressions) == len(draws[split])
        assert expressions[::5000] == [listed[index] for index in draws[split][::5000]]


def test_the_first_held_out_expressions_are_a_fair_sample():
    held = Expressions(PAPER, "eval")
    mean = sum(map(value_of, held)) / len(held)
    assert sum(map(value_of, held[:2000])) / 2000 == pytest.approx(mean, abs=0.5)
    assert list(held[:100]) != sorted(held[:100])


def test_large_spaces_are_sampled_and_still_divided_by_the_hash():
    train, held = Expressions(LARGE, "train"), Expressions(LARGE, "eval")
    assert not train.is_enumerated
    assert (len(train), len(held)) == (NUM_SAMPLED["train"], NUM_SAMPLED["eval"])
    assert not any(held_out(text) for text in train[:300])
    assert all(held_out(text) for text in held[:100])
    assert train[7] == Expressions(LARGE, "train")[7] and train[-1] == train[len(train) - 1]
    assert len(set(train[:300])) == 300
    assert all(len(text) <= 30 for text in train[:300])


def test_a_sampled_space_without_expressions_says_so():
    with pytest.raises(ConfigError, match="max_value 2"):
        Expressions(UniformSpace("+", 10, 30, 2, 15), "train")[0]


def test_positions_beyond_the_end_raise_like_those_of_a_list():
    expressions = Expressions(SMALL[0], "train")
    with pytest.raises(IndexError):
        expressions[len(expressions)]


@pytest.mark.parametrize("space", SMALL)
def test_value_counts_are_those_of_the_expressions(space):
    for split in ("train", "eval"):
        assert value_counts(space, split) == Counter(map(value_of, Expressions(space, split)))


def test_prompts_are_made_when_asked_for():
    made: list[str] = []

    def make(expression: str) -> Prompt:
        made.append(expression)
        return Prompt(f"{expression} =")

    prompts = PromptsOf(["1+2", "3+4", "5+6"], make)
    assert (len(prompts), made) == (3, [])
    assert prompts[-1] == Prompt("5+6 =")
    assert [prompt.text for prompt in prompts[:2]] == ["1+2 =", "3+4 ="]
    assert made == ["5+6", "1+2", "3+4"]
