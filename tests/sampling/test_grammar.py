"""A grammar permits tokens by their texts, counts what a completion still needs, and is recorded for scoring."""

from typing import Any

import numpy as np
import pytest
import torch

from formalrl.errors import ConfigError
from formalrl.sampling.draw import next_token
from formalrl.sampling.eager import Eager
from formalrl.sampling.fast import Fast
from formalrl.sampling.gap import as_batch, logprob_gap
from formalrl.sampling.grammar import NEVER, Constraint, TokenGrammar, token_texts
from formalrl.sampling.noise import NoiseKey
from formalrl.sampling.rule import SamplingRule

torch.set_num_threads(1)

TEXTS = ["", "(", ")", "((", "))", "a", "a)", "b", "\ufffd"]
END = 0


def decode(ids):
    return "".join(TEXTS[token] if token < len(TEXTS) else "" for token in ids)


class Nested:
    """Brackets around one `a`, at least as many as the prompt says: `((a))`."""

    def __init__(self, spell):
        self.spell = spell

    def start(self, prompt):
        return "", int(prompt)

    def advance(self, state, character):
        written, least = state
        grown = written + character
        depth = grown.count("(")
        possible = ["(" * depth, "(" * depth + "a" + ")" * grown.count(")")]
        good = grown in possible and grown.count(")") <= depth and (character == "(" or depth >= max(1, least))
        return (grown, least) if good else None

    def remaining(self, state):
        written, least = state
        opened, closed = max(1, least, written.count("(")), written.count(")")
        missing = "(" * (opened - written.count("(")) + "a" * ("a" not in written) + ")" * (opened - closed)
        return self.spell(missing)


def grammar(**changes):
    settings = {"decode": decode, "vocab_size": len(TEXTS), "end_token_ids": [END]} | changes
    return TokenGrammar(Nested, **settings)


def permitted(states, left, one=None):
    return [set(np.flatnonzero(row).tolist()) for row in (one or grammar()).permitted(states, left)]


def test_spelling_takes_as_few_tokens_as_there_are():
    assert [grammar().spell(text) for text in ("", "a", "a)", "((", "(((", "(((a)))")] == [0, 1, 1, 1, 2, 4]
    assert grammar().spell("c") == NEVER
    assert grammar(forbidden_token_ids=[3]).spell("((") == 2


def test_the_next_tokens_by_hand():
    # 0 end, 1 (, 2 ), 3 ((, 4 )), 5 a, 6 a)
    assert permitted([("", 1), ("(", 1), ("(a", 1), ("(a)", 1), ("(", 2)], [9] * 5) == [
        {1, 3},
        {1, 3, 5, 6},
        {2},
        {END},
        {1, 3},
    ]


def test_only_tokens_that_leave_room_to_end_are_permitted():
    # after "(": "a)" and the end need 2; "a", ")" and the end 3; "(", "a)", ")" and the end 4
    assert permitted([("(", 1)] * 5, [2, 3, 4, 5, 6]) == [{6}, {5, 6}, {1, 3, 5, 6}, {1, 3, 5, 6}, {1, 3, 5, 6}]
    assert permitted([("", 1)] * 2, [3, 5]) == [{1}, {1, 3}]


def test_where_nothing_fits_the_nearest_is_permitted():
    assert permitted([("", 1), ("((", 2), ("(a)", 1)], [1, 1, 1]) == [{1}, {5, 6}, {END}]


def test_forbidden_tokens_and_parts_of_characters_are_never_permitted():
    assert permitted([("(", 1)], [9], grammar(forbidden_token_ids=[6])) == [{1, 3, 5}]
    assert token_texts(decode, range(1, 9), 10) == ["", "(", ")", "((", "))", "a", "a)", "b", "", ""]


def test_a_blank_between_tokens_belongs_to_the_second():
    words = ["5", "+", "<pad>"]
    assert token_texts(lambda ids: " ".join(words[i] for i in ids), [0, 1], 3) == [" 5", " +", ""]


def test_grammars_that_cannot_work_are_told():
    class Stuck(Nested):
        def advance(self, state, character):
            return None

    with pytest.raises(ConfigError, match="permits no token in the state"):
        TokenGrammar(Stuck, decode, 9, [END]).permitted([("", 1)], [4])
    with pytest.raises(ConfigError, match=r"no tokens of the model make up a completion .* after '1'"):
        grammar(forbidden_token_ids=[5, 6]).start("1")
    assert grammar().start("1") == ("", 1)


def test_sets_that_are_forgotten_are_found_again(monkeypatch):
    import formalrl.sampling.grammar as module

    one = grammar()
    monkeypatch.setattr(module, "MEMORY_BYTES", 3 * 2 * len(TEXTS))
    states = [("(" * n, 1) for n in range(1, 9)]
    assert permitted(states, [30] * 8, one) == permitted(states, [30] * 8, one) == permitted(states, [30] * 8)
    assert len(one._known) == 3


def test_the_distribution_is_renormalized_over_what_is_permitted():
    logits = torch.tensor([[0.1, 0.2, 0.3, 0.4]]).log()
    mask = torch.tensor([[True, False, True, True]])
    rule = SamplingRule(1, forbidden_token_ids=(3,))
    found = next_token(logits, rule, mask)
    torch.testing.assert_close(found.logp.exp(), torch.tensor([[0.25, 0.0, 0.75, 0.0]]))
    assert found.kept is not None and found.kept.tolist() == [[True, False, True, False]]
    filtered = next_token(logits, SamplingRule(1, forbidden_token_ids=(3,), top_k=1), mask)
    assert filtered.kept is not None and filtered.kept.tolist() == [[False, False, True, False]]


SETTINGS = {"plain": {}, "filters": {"top_k": 2, "temperature": 0.7}, "greedy": {"temperature": 0.0}}


@pytest.mark.parametrize("architecture", ("gpt2", "llama"))
@pytest.mark.parametrize("name", SETTINGS)
def test_an_untrained_policy_keeps_to_it_and_scoring_sees_what_was_sampled(tiny_policy, architecture, name):
    policy = tiny_policy(architecture)
    rule = SamplingRule(12, eos_token_ids=(END,), pad_token_id=20, **SETTINGS[name])
    prompts, asked = [[1, 2, 3], [4, 5, 6, 7, 8, 9], [2]], ["1", "2", "4"]
    constraint_of = grammar(vocab_size=37)
    constraint = Constraint(constraint_of, [constraint_of.start(text) for text in asked])
    arguments = policy, prompts, 6, rule, NoiseKey(3, 4)
    given = {"max_lengths": (12, 9, 6), "decode": decode, "constraint": constraint}
    fast, eager = Fast().sample(*arguments, **given), Eager().sample(*arguments, **given)
    assert fast.completion_ids.equal(eager.completion_ids) and fast.finished.all()
    assert fast.kept is not None and eager.kept is not None and fast.kept.equal(eager.kept)
    for row, (ids, mask) in enumerate(zip(fast.completion_ids.tolist(), fast.mask.tolist(), strict=True)):
        text = decode([token for token, real in zip(ids, mask, strict=True) if real])
        depth = text.count("(")
        assert text == "(" * depth + "a" + ")" * depth and depth >= int(asked[row // 6]), text
    for prefixes in ("plain", "shared"):
        assert logprob_gap(policy, as_batch(prompts, fast, rule), rule, prefixes=prefixes) < 1e-4
    chunked = Fast(cache_gib=1e-9).sample(*arguments, **given)
    assert chunked.completion_ids.equal(fast.completion_ids)


def test_a_start_for_each_prompt(tiny_policy):
    constraint = Constraint(grammar(vocab_size=37), [("", 1)])
    with pytest.raises(ConfigError, match="1 starts for 2 prompts"):
        Fast().sample(tiny_policy("gpt2"), [[1], [2]], 1, SamplingRule(3), NoiseKey(0, 0), constraint=constraint)


def test_every_way_through_ends_in_time():
    """From every state within reach, whatever permitted token is taken, the row is complete and ended in time."""
    one = grammar()
    for room in range(4, 8):
        todo: list[tuple[Any, int]] = [(one.start("1"), room)]
        while todo:
            state, left = todo.pop()
            for token in permitted([state], [left], one)[0]:
                assert left >= 1
                if token != END:
                    todo.append((one.advance(state, token), left - 1))
                else:
                    assert one._grammar.remaining(state) == 0
