"""Solutions of the grammar are well formed, and those of the task are of the grammar, in both spacings."""

import random

import pytest

from formalrl.rewards.expressions import parse_statement
from formalrl.sampling.grammar import TokenGrammar
from formalrl.tasks.arithmetic import Arithmetic
from formalrl.tasks.arithmetic_grammar import ArithmeticGrammar, Place

SPELL = len
TASKS = [
    Arithmetic(operators=operators, vocabulary=vocabulary, mode=mode)
    for operators in ("+", "+-*")
    for vocabulary in ("complete", "character")
    for mode in ("answer", "solution")
]


def tokens_of(task):
    tokenizer = task.tokenizer()
    special = [tokenizer.token_to_id(name) for name in ("<bos>", "<pad>")]
    end = tokenizer.token_to_id("<eos>")
    return tokenizer, TokenGrammar(task.grammar, tokenizer.decode, tokenizer.get_vocab_size(), [end], special), end


def test_places_by_hand():
    grammar = ArithmeticGrammar(SPELL, "+-", 2, " ")
    assert grammar.start("5 + 3 =") == Place(0, 0, True)
    assert grammar.start("5 + 3 - -10 =") == Place(1, 1, True)
    assert grammar.start("5 + 3 - -10 = 8 - -10 =") == Place(0, 0, True)
    assert grammar.start("What?") == Place(0, 0, True)
    # " 0 + 0 = 0": 2 characters a word
    assert grammar.remaining(grammar.start("5 + 3 + 10 =")) == 10
    assert grammar.remaining(Place(0, 0, True, " 1")) == 0
    assert grammar.remaining(Place(0, 0, True, " -")) == 1


@pytest.mark.parametrize(
    ("text", "good"),
    [(" 8", 2), (" 123", 3), ("8", 0), (" 8 ", 2), (" -8", 3), (" --8", 2), (" 8 + 1", 2), (" 8 =", 2)],
)
def test_a_number_by_hand(text, good):
    grammar = ArithmeticGrammar(SPELL, "+-", 2, " ")
    state, read = grammar.start("5 + 3 ="), 0
    for character in text:
        state = grammar.advance(state, character)
        if state is None:
            break
        read += 1
    assert read == good


@pytest.mark.parametrize("task", TASKS, ids=str)
def test_solutions_are_permitted_token_by_token(task):
    tokenizer, grammar, end = tokens_of(task)
    for prompt, solution in task.examples(30):
        state = grammar.start(prompt)
        for token in tokenizer.encode(solution).ids:
            assert grammar.permitted([state], [60])[0, token], (prompt, solution)
            state = grammar.advance(state, token)
        assert grammar.permitted([state], [60])[0, end]


@pytest.mark.parametrize("task", TASKS, ids=str)
def test_random_tokens_make_well_formed_solutions(task, write_at_random):
    tokenizer, grammar, end = tokens_of(task)
    chance = random.Random(0)
    limit = task.defaults()["max_completion_length"]
    for prompt, _ in task.examples(40):
        text = tokenizer.decode(write_at_random(grammar, prompt, limit, end, chance))
        statements = [parse_statement(part, task.operators) for part in f"{prompt} {text}".split("=")]
        counts = [-1 if parsed is None else parsed.num_operators for parsed in statements]
        assert counts == list(range(counts[0], -1, -1)), text
