"""Partners have other references wherever that is possible, and the reward is called with theirs."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from formalrl.diagnostics.shuffled import partner_rows, reference_key, shuffled_reward
from formalrl.types import Score


@given(st.lists(st.sampled_from("abcd"), max_size=30))
def test_partners_differ_wherever_no_class_holds_more_than_half(keys):
    partners = partner_rows(keys)
    used = [partner for partner in partners if partner is not None]
    assert len(used) == len(set(used))
    assert all(keys[partner] != keys[row] for row, partner in enumerate(partners) if partner is not None)
    largest = max(Counter(keys).values(), default=0)
    assert len(used) == min(len(keys), 2 * (len(keys) - largest))


def score(rows):
    return [Score(float(completion == columns["answer"])) for _, completion, columns in rows]


def test_a_policy_that_reads_loses_its_reward_and_one_that_does_not_keeps_it():
    answers = ["1", "2", "3", "4"] * 3
    right = [(f"p{i}", answer, {"answer": answer}) for i, answer in enumerate(answers)]
    constant = [(prompt, "1", columns) for prompt, _, columns in right]
    own = [s.reward for s in score(constant)]
    assert shuffled_reward(right, score, [1.0] * 12).shuffled == 0.0
    found = shuffled_reward(constant, score, own)
    assert found.shuffled == found.own == 0.25 and found.num_rows == 12


def test_prompt_and_columns_come_from_the_partner():
    rows = [("a", "ca", {"answer": "1"}), ("b", "cb", {"answer": "2"})]
    seen = []
    shuffled_reward(rows, lambda mixed: seen.extend(mixed) or [Score(0.0)] * len(mixed))
    assert seen == [("b", "ca", {"answer": "2"}), ("a", "cb", {"answer": "1"})]


def test_one_prompt_or_one_reference_or_only_failures_give_none():
    assert shuffled_reward([("a", "c", {"answer": "1"})], score).shuffled is None
    assert shuffled_reward([], score).shuffled is None
    assert shuffled_reward([("a", "c", {"answer": "1"}), ("b", "c", {"answer": "1"})], score).num_rows == 0
    failing = shuffled_reward([("a", "c", {}), ("b", "c", {})], lambda rows: [Score(None, "timeout")] * len(rows))
    assert failing.shuffled is None and failing.num_rows == 2


def test_the_reference_column_decides_what_is_another_reference():
    assert reference_key(("a", "", {"answer": 3, "id": 1})) == reference_key(("b", "", {"answer": 3, "id": 2}))
    assert reference_key(("a", "", {"id": 1})) != reference_key(("b", "", {"id": 1}))
    chat = ([{"role": "user", "content": "x"}], "", {"set": {1}})
    assert isinstance(reference_key(chat), str)
