"""From positions in the text to tokens."""

import dataclasses

import torch

from formalrl.training.collate import collate
from formalrl.training.step_rewards import step_rewards
from formalrl.types import Completion, Score

WORDS = {1: "ab", 2: "c", 3: " def", 9: ""}
"""Token id -> text; 9 is an end token."""


def decode(ids):
    return "".join(WORDS[token] for token in ids)


def stepwise(make_rollouts, rows):
    """Return rollouts of one prompt from (token ids, score) pairs."""
    rollouts = make_rollouts([[0.0] * len(rows)], lengths=[len(ids) for ids, _ in rows])
    completions = [Completion(decode(ids), tuple(ids), True) for ids, _ in rows]
    return dataclasses.replace(rollouts, completions=completions, scores=[score for _, score in rows])


def test_a_step_ends_with_the_token_that_reaches_its_position(make_rollouts):
    # "abc def": 2, 3 and 7 characters after each token, and 7 with the end token
    score = Score(0.5, steps=((3, 0.25), (7, 0.75)))
    inside = Score(0.5, steps=((1, 0.25), (5, 0.5), (7, 0.75)))
    rewards, ends = step_rewards(stepwise(make_rollouts, [([1, 2, 3, 9], score), ([1, 2, 3, 9], inside)]), decode)
    assert rewards.tolist() == [[0, 0.25, 0, 0.75], [0.25, 0, 0.5, 0.75]]
    assert ends.tolist() == [[0, 1, 0, 1], [1, 0, 1, 1]]


def test_steps_within_one_token_are_one(make_rollouts):
    score = Score(0.5, steps=((1, 0.25), (2, 0.5), (7, 1.0)))
    rewards, ends = step_rewards(stepwise(make_rollouts, [([1, 2, 3], score)]), decode)
    assert (rewards.tolist(), ends.tolist()) == ([[0.75, 0, 1.0]], [[1, 0, 1]])


def test_a_completion_without_steps_is_a_single_one(make_rollouts):
    rows = [([1, 2], Score(0.5)), ([1], Score(None, "crash")), ([1, 2, 3], Score(1.0, steps=((3, 2.0), (7, 1.0))))]
    rewards, ends = step_rewards(stepwise(make_rollouts, rows), decode)
    assert rewards.tolist() == [[0, 0.5, 0], [0, 0, 0], [0, 2.0, 1.0]]
    assert ends.tolist() == [[0, 1, 0], [0, 0, 0], [0, 1, 1]]


def test_collating_keeps_steps_beside_their_rows(make_rollouts):
    rows = [([1], Score(None, "crash")), ([1, 2, 3], Score(1.0, steps=((3, 2.0), (7, 1.0)))), ([1, 2], Score(0.5))]
    rollouts = stepwise(make_rollouts, rows)
    batch = collate(rollouts, pad_token_id=0, decode=decode)
    assert batch.step_rewards.tolist() == [[0, 2.0, 1.0], [0, 0.5, 0]]
    assert batch.step_ends.tolist() == [[0, 1, 1], [0, 1, 0]]
    assert collate(rollouts, pad_token_id=0).step_rewards is None


def test_the_penalty_of_a_truncated_completion_falls_on_its_last_step(make_rollouts):
    rollouts = stepwise(make_rollouts, [([1, 2, 3], Score(1.0, steps=((3, 2.0), (7, 1.0)))), ([1, 2], Score(0.5))])
    rollouts.samples.finished[0] = False
    batch = collate(rollouts, pad_token_id=0, decode=decode, truncation="penalize", truncation_penalty=0.25)
    assert torch.equal(batch.step_rewards, torch.tensor([[0, 2.0, 0.75], [0, 0.5, 0]]))
